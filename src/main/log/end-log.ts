import type { ProcessLog } from './create-log.ts';

/** However slow the reader of the log is, an agent ends. */
const END_LIMIT_MS = 1_000;
/** As Patroni's: the log did not take what was told. */
const EXIT_LOG_FULL = 5;

/** The last lines get their time. @returns the exit status: another one when lines were dropped since nobody takes them. */
export async function endLog(log: Pick<ProcessLog, 'close'>, status: number): Promise<number> {
  return (await log.close(END_LIMIT_MS)) === 'full' ? EXIT_LOG_FULL : status;
}
