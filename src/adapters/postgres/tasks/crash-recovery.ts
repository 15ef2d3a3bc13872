import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { toolPath } from '../binaries.ts';
import { removeSignals } from '../files/configuration.ts';
import { namesIn } from '../files/names-in.ts';
import { readText } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';
import { serverEnvironment } from '../process/environment.ts';
import { parsePostmasterOptions } from '../process/postmaster-options.ts';
import { lastLines, runTool } from '../process/tool.ts';
import { archiveReady } from './archive-ready.ts';
import { whyOccupied } from './occupied.ts';

/**
 * `postgres --single` with nothing to do: it recovers from the crash and shuts down cleanly, which is what pg_rewind
 * asks for (spec/postgres.md 12.6). No WAL is recycled meanwhile: archiving is on and never succeeds, so that pg_rewind
 * still finds where the histories parted.
 */
export async function crashRecovery(
  instance: Instance,
  context: Pick<TaskContext, 'signal' | 'progress'>,
): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  const { postgres } = instance.config;
  await archiveReady(instance, context.signal);
  if (context.signal.aborted) return { kind: 'cancelled' };
  await forgetArchived(postgres.dataDir);
  const options = {
    ...parsePostmasterOptions((await readText(join(postgres.dataDir, 'postmaster.opts'))) ?? ''),
    data_directory: postgres.dataDir,
    archive_mode: 'on',
    archive_command: 'false',
  };
  await removeSignals(postgres.dataDir);

  context.progress('crash recovery in single-user mode');
  const outcome = await runTool({
    command: toolPath(postgres, 'postgres'),
    args: ['--single', '-D', postgres.dataDir, ...asArguments(options), 'template1'],
    environment: serverEnvironment(instance.environment, instance.process.stalePid()),
    signal: context.signal,
  });
  if (outcome.kind === 'cancelled') return outcome;
  if (outcome.kind === 'unstartable') return { kind: 'failed', reason: `postgres --single: ${outcome.reason}` };
  if (outcome.code === 0) return { kind: 'done' };
  return { kind: 'failed', reason: 'postgres --single failed', detail: lastLines(outcome.stderr) };
}

function asArguments(options: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(options)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * Marks of segments that are archived let the server recycle them. The marks of those that still have to be archived
 * stay: they lose nothing here, and the archive needs them.
 */
async function forgetArchived(dataDir: string): Promise<void> {
  const directory = join(dataDir, 'pg_wal', 'archive_status');
  for (const name of await namesIn(directory)) {
    if (name.endsWith('.done')) await rm(join(directory, name), { force: true });
  }
}
