import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import type { Instance } from '../instance.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

/** A fast stop after a checkpoint, however long it takes, then a start (spec/postgres.md 5.4). */
export async function restart(
  instance: Instance,
  task: { readonly desired: DesiredPostgres; readonly timeout: Millis; readonly safety?: Millis },
  context: TaskContext,
): Promise<TaskOutcome> {
  const stopped = await stop(instance, { mode: 'fast', checkpointFirst: true, timeout: null }, context);
  return stopped.kind === 'done' ? start(instance, task, context) : stopped;
}
