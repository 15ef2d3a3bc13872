import { errorCode } from '../errors.ts';
import { until } from '../wait.ts';
import { descendantsOf, processEntry } from './process-table.ts';

/** How long a SIGKILLed process may take to vanish (uninterruptible I/O on a slow disk). */
const VANISH_LIMIT_MS = 30_000;
const POLL_MS = 10;

/** @returns `gone` when there is no such process any more, `forbidden` when it is somebody else's. */
export function sendSignal(pid: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'forbidden' {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'forbidden';
    throw error;
  }
}

/**
 * End a process and everything below it. Stopped first, it can neither fork nor restart its children while they are
 * killed; its children go before it, because they would outlive it and go on committing.
 * @returns whether all of them vanished within the limit.
 */
export async function killTree(pid: number): Promise<boolean> {
  if (sendSignal(pid, 'SIGSTOP') === 'gone') return true;
  const emptied = await until(() => killAll(descendantsOf(pid).map((entry) => entry.pid)), {
    everyMs: POLL_MS,
    limitMs: VANISH_LIMIT_MS,
    signal: null,
  });
  sendSignal(pid, 'SIGKILL');
  return (await vanished(pid)) && emptied.kind === 'met';
}

/**
 * SIGKILL every process that `list` names, and again what it names then, until it names none.
 * @returns whether that came true within the limit.
 */
export async function killUntilNone(list: () => readonly number[]): Promise<boolean> {
  const outcome = await until(() => killAll(list()), {
    everyMs: POLL_MS,
    limitMs: VANISH_LIMIT_MS,
    signal: null,
  });
  return outcome.kind === 'met';
}

async function vanished(pid: number): Promise<boolean> {
  const outcome = await until(() => (processEntry(pid) === null ? true : null), {
    everyMs: POLL_MS,
    limitMs: VANISH_LIMIT_MS,
    signal: null,
  });
  return outcome.kind === 'met';
}

function killAll(pids: readonly number[]): true | null {
  for (const pid of pids) sendSignal(pid, 'SIGKILL');
  return pids.length === 0 ? true : null;
}
