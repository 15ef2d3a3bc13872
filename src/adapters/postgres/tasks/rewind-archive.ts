import { join } from 'node:path';
import { effectivePostgres } from '../../../domain/effective-postgres.ts';
import { isJsonObject } from '../../../domain/json.ts';
import { CONFIG_FILE } from '../files/configuration.ts';
import { createDynamicCache } from '../files/dynamic-cache.ts';
import type { Instance } from '../instance.ts';
import { serverEnvironment } from '../process/environment.ts';
import { runTool, type ToolOutcome } from '../process/tool.ts';
import { features } from '../version.ts';
import { serverSetting } from './archive-ready.ts';

/**
 * WAL that pg_rewind reads and that was recycled here may be in the archive. `itself`: pg_rewind fetches it, told by these
 * options. `by-us`: before version 15 it cannot be told where the configuration lies when that is not in the data directory;
 * and the file of a server that was a primary at last does not say what a standby restores WAL with.
 */
export type RewindArchive =
  | { readonly kind: 'none' }
  | { readonly kind: 'itself'; readonly options: readonly string[] }
  | { readonly kind: 'by-us'; readonly command: string };

export async function rewindArchive(instance: Instance, major: number): Promise<RewindArchive> {
  const command = await serverSetting(instance, 'restore_command');
  const archive = archiveFor({ ...instance.config.postgres, major, command });
  const configured = archive.kind === 'none' ? configuredCommand(instance) : undefined;
  return configured === undefined ? archive : { kind: 'by-us', command: configured };
}

/** By the member's own file and the cluster's configuration as it was last heard of. */
function configuredCommand({ config, log }: Instance): string | undefined {
  const { dataDir, section } = config.postgres;
  const dynamic = createDynamicCache(dataDir, log).read()?.['postgresql'];
  const { recovery } = effectivePostgres({ local: section, dynamic: isJsonObject(dynamic) ? dynamic : {} }).effective;
  const command = recovery['restore_command'];
  return command === '' ? undefined : command;
}

export function archiveFor(given: {
  readonly dataDir: string;
  readonly configDir: string;
  readonly major: number;
  readonly command: string | null;
}): RewindArchive {
  const { dataDir, configDir, major, command } = given;
  if (command === null || command === '') return { kind: 'none' };
  const option = '--restore-target-wal';
  if (configDir === dataDir) return { kind: 'itself', options: [option] };
  return features.rewindTakesConfigFile(major)
    ? { kind: 'itself', options: [option, `--config-file=${join(configDir, CONFIG_FILE)}`] }
    : { kind: 'by-us', command };
}

/** Run it again with each segment that it misses and `fetch` brings; none is fetched twice. */
export async function withMissingWal(
  run: () => Promise<ToolOutcome>,
  fetch: (segment: string) => Promise<boolean>,
): Promise<ToolOutcome> {
  const fetched = new Set<string>();
  for (;;) {
    const outcome = await run();
    const segment = outcome.kind === 'exited' && outcome.code !== 0 ? missingSegment(outcome) : null;
    if (segment === null || fetched.has(segment) || !(await fetch(segment))) return outcome;
    fetched.add(segment);
  }
}

/** Bring one segment back from the archive, with the command that a standby would use. */
export async function fetchSegment(
  instance: Instance,
  { command, segment }: { readonly command: string; readonly segment: string },
  signal: AbortSignal,
): Promise<boolean> {
  const { dataDir } = instance.config.postgres;
  const args = ['-c', restoreCommand(command, segment)];
  const environment = serverEnvironment(instance.environment, null);
  const call = { command: 'sh', args, directory: dataDir, environment, mayLeaveOthers: true } as const;
  const outcome = await runTool({ ...call, signal });
  return outcome.kind === 'exited' && outcome.code === 0;
}

/** `%f` is the file that is wanted and `%p` where it is to go, from the data directory. */
function restoreCommand(command: string, segment: string): string {
  return command.replace(/%([pfr%])/g, (_all, letter) => {
    if (letter === 'p') return `pg_wal/${segment}`;
    if (letter === 'f') return segment;
    return letter === 'r' ? '000000010000000000000001' : '%';
  });
}

function missingSegment({ stderr, stdout }: Extract<ToolOutcome, { kind: 'exited' }>): string | null {
  const missing = /could not open file ".*\/pg_wal\/([0-9A-F]{24})": /;
  return missing.exec(stderr)?.[1] ?? missing.exec(stdout)?.[1] ?? null;
}
