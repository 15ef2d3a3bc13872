import { join } from 'node:path';
import { shellWords } from '../../../domain/shell-word.ts';
import { CONFIG_FILE } from '../files/configuration.ts';
import type { Instance } from '../instance.ts';
import { serverEnvironment } from '../process/environment.ts';
import { runTool, type ToolOutcome } from '../process/tool.ts';
import { features } from '../version.ts';
import { serverSetting } from './archive-ready.ts';

/**
 * WAL that pg_rewind reads and that was recycled here may be in the archive. `itself`: pg_rewind fetches it, told by these
 * options. `by-us`: before version 15 it cannot be told where the configuration lies when that is not in the data directory.
 */
export type RewindArchive =
  | { readonly kind: 'none' }
  | { readonly kind: 'itself'; readonly options: readonly string[] }
  | { readonly kind: 'by-us'; readonly command: string };

export async function rewindArchive(instance: Instance, major: number): Promise<RewindArchive> {
  const command = await serverSetting(instance, 'restore_command');
  return archiveFor({ ...instance.config.postgres, major, command });
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
  const [program, ...args] = shellWords(restoreCommand(command, segment)) ?? [];
  if (program === undefined) return false;
  const environment = serverEnvironment(instance.environment, null);
  const call = { command: program, args, directory: dataDir, environment, mayLeaveOthers: true } as const;
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
