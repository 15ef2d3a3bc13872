import type { ProcessLog } from './create-log.ts';

/** However slow the reader of the log is, an agent ends. */
const END_LIMIT_MS = 1_000;
/** As Patroni's: the log did not take what was told. */
const EXIT_LOG_FULL = 5;

/** The last lines get their time. @returns the exit status: another one when lines were dropped since nobody takes them. */
export async function endLog(log: Pick<ProcessLog, 'close'>, status: number): Promise<number> {
  return (await log.close(END_LIMIT_MS)) === 'full' ? EXIT_LOG_FULL : status;
}

/**
 * Whenever this process ends, what waits is written first. An ordinary exit waits for the pool's threads, one of which may
 * hang in a write (a disk that hangs, a terminal that was stopped): an agent that has not ended is started anew by nobody,
 * and keeps the next one away. A program that takes the place of this process leaves them behind, and ends with its status.
 */
export function writeRestAtExit(log: Pick<ProcessLog, 'writeRest'>): void {
  process.once('exit', (status) => {
    if (log.writeRest() === 'stuck') process.execve?.('/bin/sh', ['sh', '-c', `exit ${String(status)}`], {});
  });
}
