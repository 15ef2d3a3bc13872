import type { PostgresProcesses } from '../../ports/guardian.ts';
import { processesOfDataDirectory } from './data-directory-processes.ts';
import { signalProcess } from './signal.ts';

/** Ask the postmaster for a fast stop: sessions are ended, transactions rolled back. */
export function fastStop(dataDir: string): void {
  const { postmaster } = processesOfDataDirectory(dataDir);
  if (postmaster !== null) signalProcess(postmaster, 'SIGINT');
}

/** Rounds of one call; whoever calls comes again if something is left, and can do other things in between. */
const ROUNDS_MAX = 50;

/**
 * Kill everything, without a chance for a commit in between: the postmaster is stopped first, so that it starts no
 * process and does not restart after a "crash"; then the others are killed until none is left; then the postmaster.
 * (Killed first, it would leave backends that go on committing.) Synchronous from begin to end.
 * @returns what is left; processes in an uninterruptible wait take their time to die.
 */
export function hardFence(dataDir: string): PostgresProcesses {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { postmaster, others } = processesOfDataDirectory(dataDir);
    if (postmaster === null && others.length === 0) break;
    if (postmaster !== null) signalProcess(postmaster, 'SIGSTOP');
    for (const pid of others) signalProcess(pid, 'SIGKILL');
    if (others.length === 0 && postmaster !== null) signalProcess(postmaster, 'SIGKILL');
    if (round > 0) pauseThread(2);
  }
  return processesOfDataDirectory(dataDir);
}

/** Let the kernel work, without giving the event loop a turn. */
function pauseThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
