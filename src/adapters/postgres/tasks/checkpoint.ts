import type { TaskOutcome } from '../../../domain/task.ts';
import { reasonOf } from '../errors.ts';
import { type Instance, openLocal } from '../instance.ts';
import { features, majorOf } from '../version.ts';

const CONNECT_LIMIT_MS = 3_000;

/** CHECKPOINT on a connection of its own: it may take minutes, and no statement timeout may end it. */
export async function runCheckpoint(instance: Instance, signal: AbortSignal): Promise<TaskOutcome> {
  if (signal.aborted) return { kind: 'cancelled' };
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch checkpoint',
    limitMs: CONNECT_LIMIT_MS,
    settings: { statement_timeout: '0' },
  });
  if (opened.kind !== 'open') return { kind: 'failed', reason: opened.reason };
  const { session } = opened;
  // The server notices a closed connection only after the checkpoint; nobody waits for it any more.
  const end = (): void => void session.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    const { version } = await instance.readProgram();
    // A signal that came while the connection was made is told to no listener of now.
    if (isAborted(signal)) return { kind: 'cancelled' };
    const flushes = version !== null && features.checkpointFlushesUnlogged(majorOf(version));
    await session.rows(flushes ? 'CHECKPOINT (FLUSH_UNLOGGED)' : 'CHECKPOINT');
    return { kind: 'done' };
  } catch (error) {
    return isAborted(signal) ? { kind: 'cancelled' } : { kind: 'failed', reason: reasonOf(error) };
  } finally {
    signal.removeEventListener('abort', end);
    await session.close();
  }
}

/** Asked anew: the compiler takes what it saw before the wait for granted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
