import type { TaskOutcome } from '../../../domain/task.ts';
import { type Millis, TIMER_MAX } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import type { Instance } from '../instance.ts';
import { killTree, killUntilNone, sendSignal } from '../process/kill.ts';
import type { Postmaster } from '../process/postmaster.ts';
import { isAlive } from '../process/process-table.ts';
import { until } from '../wait.ts';
import { archiveLast } from './archive-last.ts';
import { runCheckpoint } from './checkpoint.ts';
import { runScript } from './operator-script.ts';

const POLL_MS = 10;
/** How long an immediate stop may take when the task names no limit; the postmaster itself SIGKILLs after 5 s. */
const IMMEDIATE_LIMIT_MS = 10_000;
const FOR_EVER_MS = Number.POSITIVE_INFINITY;

type StopContext = Pick<TaskContext, 'signal' | 'progress' | 'scripts'>;

export type StopTask = {
  readonly mode: 'fast' | 'immediate';
  readonly checkpointFirst: boolean;
  /** `null`: a fast stop takes as long as it takes, unless the task is cancelled. */
  readonly timeout: Millis | null;
  readonly archiveLast?: boolean;
};

/**
 * Stop, and be done only when every process of the data directory is gone. A fast stop that takes too long becomes an
 * immediate one, and that one the end of the whole process tree. Cancelled, it waits no longer; a stop once asked for
 * cannot be taken back.
 */
export async function stop(instance: Instance, task: StopTask, context: StopContext): Promise<TaskOutcome> {
  const finding = instance.process.find();
  if (finding.kind === 'found') {
    const { postmaster } = finding;
    if (task.checkpointFirst && task.mode === 'fast') {
      // A failed checkpoint only makes the stop slower.
      const outcome = await runCheckpoint(instance, context.signal);
      if (outcome.kind === 'cancelled') return outcome;
    }
    if (task.mode === 'fast' && (await beforeStop(instance, task, context)) === 'cancelled')
      return { kind: 'cancelled' };
    await instance.heartbeat.close();
    const stopped = await stopPostmaster(postmaster, task, context);
    if (stopped !== 'stopped') return stopped;
  }
  const gone = await killUntilNone(() => instance.process.all());
  if (gone && task.archiveLast === true) await archiveLast(instance, context.signal);
  return gone ? { kind: 'done' } : { kind: 'failed', reason: 'processes of the data directory do not end' };
}

/**
 * The operator's own command, whose word changes nothing. It gets no more time than the stop, and none at all where
 * PostgreSQL has to go at once.
 */
async function beforeStop(
  instance: Instance,
  { timeout }: StopTask,
  context: StopContext,
): Promise<'over' | 'cancelled'> {
  const { scripts, signal } = context;
  if (scripts.beforeStop === null) return 'over';
  context.progress('before_stop');
  const limited = timeout === null ? signal : AbortSignal.any([signal, endOf(timeout)]);
  const end = await runScript(instance, { name: 'before_stop', text: scripts.beforeStop }, limited);
  if (signal.aborted) return 'cancelled';
  const reason = end.kind === 'refused' ? end.reason : end.kind === 'cancelled' ? 'it took too long' : null;
  if (reason !== null) instance.log.write('warn', 'before-stop', { reason });
  return 'over';
}

/** Node takes whole milliseconds only; what is left of a lease has fractions. */
function endOf(span: Millis): AbortSignal {
  return AbortSignal.timeout(Math.ceil(Math.min(span, TIMER_MAX)));
}

async function stopPostmaster(
  postmaster: Postmaster,
  task: StopTask,
  context: Pick<TaskContext, 'signal' | 'progress'>,
): Promise<'stopped' | TaskOutcome> {
  const fastLimit = postmaster.kind === 'single-user' ? 0 : (task.timeout ?? FOR_EVER_MS);
  const ladder = [
    ...(task.mode === 'fast' ? [{ signal: 'SIGINT' as const, limitMs: fastLimit }] : []),
    { signal: 'SIGQUIT' as const, limitMs: task.timeout ?? IMMEDIATE_LIMIT_MS },
  ];
  for (const step of ladder) {
    // What came before may have taken long: its number may be another's by now.
    if (!isAlive(postmaster)) return 'stopped';
    const sent = sendSignal(postmaster.pid, step.signal);
    if (sent === 'forbidden') return { kind: 'failed', reason: 'the postmaster belongs to somebody else' };
    context.progress(`${step.signal} sent to the postmaster`);
    const ended = await until(() => (isAlive(postmaster) ? null : true), {
      everyMs: POLL_MS,
      limitMs: step.limitMs,
      signal: context.signal,
    });
    if (ended.kind === 'met') return 'stopped';
    if (ended.kind === 'cancelled') return { kind: 'cancelled' };
  }
  context.progress('SIGKILL sent to all processes');
  return (await killTree(postmaster.pid))
    ? 'stopped'
    : { kind: 'failed', reason: 'the postmaster does not end, not even by SIGKILL' };
}
