import { access, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '../binaries.ts';
import { CONFIG_FILE } from '../files/configuration.ts';
import { namesIn } from '../files/names-in.ts';
import type { Instance } from '../instance.ts';
import { serverEnvironment, toolEnvironment } from '../process/environment.ts';
import { runTool, type ToolOutcome } from '../process/tool.ts';

/**
 * Archive what the stopped server still had to archive (spec/postgres.md 12.4): after a rewind or a crash recovery
 * nobody would do it any more, and the archive would have a hole. What fails stays marked and is only logged.
 */
export async function archiveReady(instance: Instance, signal: AbortSignal): Promise<void> {
  const { dataDir } = instance.config.postgres;
  const status = join(dataDir, 'pg_wal', 'archive_status');
  const ready = (await namesIn(status)).filter((name) => /^[0-9A-F]{24}(\.partial)?\.ready$/.test(name)).toSorted();
  if (ready.length === 0) return;
  const command = await commandInForce(instance);
  if (command === null) return;

  const segments = ready.map((name) => name.replace(/\.ready$/, ''));
  const left = await archiveWhatGoes(segments, {
    attempt: async (segment) => {
      if (!(await exists(join(dataDir, 'pg_wal', segment)))) return 'done';
      const outcome = await archive(instance, { command, segment }, signal);
      if (signal.aborted) return 'given-up';
      if (outcome.kind === 'exited' && outcome.code === 0) {
        await rename(join(status, `${segment}.ready`), join(status, `${segment}.done`));
        return 'done';
      }
      instance.log.write('warn', 'segment-not-archived', { segment });
      return 'failed';
    },
    now: () => performance.now(),
  });
  if (left > 0) instance.log.write('warn', 'segments-left-to-archive', { count: left });
}

/** For one segment of any size. */
const SEGMENT_LIMIT_MS = 300_000;
/** The member is no standby meanwhile: an archive that is away is not tried with each of thousands of segments. */
const FAILING_LIMIT_MS = 60_000;

/**
 * One segment after the other; one that fails may be there already, as it is found that way after a crash, so that the
 * next one is tried. @returns how many were not tried, since failures had taken too long.
 */
export async function archiveWhatGoes(
  segments: readonly string[],
  {
    attempt,
    now,
  }: {
    readonly attempt: (segment: string) => Promise<'done' | 'failed' | 'given-up'>;
    readonly now: () => number;
  },
): Promise<number> {
  let failingMs = 0;
  for (const [index, segment] of segments.entries()) {
    if (failingMs >= FAILING_LIMIT_MS) return segments.length - index;
    const startedAt = now();
    const outcome = await attempt(segment);
    if (outcome === 'given-up') return 0;
    if (outcome === 'failed') failingMs += now() - startedAt;
  }
  return 0;
}

/** Hand one segment to the archive as the server would: from the data directory. Ends within its limit. */
export function archive(
  instance: Instance,
  { command, segment }: { readonly command: string; readonly segment: string },
  signal: AbortSignal,
): Promise<ToolOutcome> {
  return runTool({
    command: 'sh',
    args: ['-c', archiveCommand(command, segment)],
    directory: instance.config.postgres.dataDir,
    environment: serverEnvironment(instance.environment, null),
    mayLeaveOthers: true,
    signal: AbortSignal.any([signal, AbortSignal.timeout(SEGMENT_LIMIT_MS)]),
  });
}

/** `null`: nothing is archived here. */
export async function commandInForce(instance: Instance): Promise<string | null> {
  const mode = await serverSetting(instance, 'archive_mode');
  const command = await serverSetting(instance, 'archive_command');
  return (mode !== 'on' && mode !== 'always') || command === '' ? null : command;
}

/** `%p` is the path from the data directory, `%f` the file name; `%r` is a constant where nothing is recovered. */
export function archiveCommand(command: string, segment: string): string {
  return command.replace(/%([pfr%])/g, (_all, letter) => {
    if (letter === 'p') return `pg_wal/${segment}`;
    if (letter === 'f') return segment;
    return letter === 'r' ? '000000010000000000000001' : '%';
  });
}

/** What the files say a setting is, for a server that does not run; `null` when they cannot be read. */
export async function serverSetting(instance: Instance, name: string): Promise<string | null> {
  const { postgres } = instance.config;
  const configFile = join(postgres.configDir, CONFIG_FILE);
  if (!(await exists(configFile))) return null;
  const outcome = await runTool({
    command: toolPath(postgres, 'postgres'),
    args: ['-D', postgres.dataDir, '-C', name, `--config-file=${configFile}`],
    environment: toolEnvironment(instance.environment),
    signal: null,
  });
  return outcome.kind === 'exited' && outcome.code === 0 ? outcome.stdout.trim() : null;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
