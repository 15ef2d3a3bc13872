import type { CommandLine } from './command-line.ts';
import { localTime } from './local-time.ts';

/** A line of the log, as Patroni's tools write them. */
export function warn(line: Pick<CommandLine, 'stderr' | 'wallNow'>, message: string): void {
  line.stderr.write(`${localTime(line.wallNow())} - WARNING - ${message}\n`);
}
