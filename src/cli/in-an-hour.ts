import { type WallTime, wallTime } from '../domain/time.ts';
import { localTime } from './local-time.ts';

/** An example of a time that a question about one shows. */
export function inAnHour(now: WallTime): string {
  return localTime(wallTime(now + HOUR_MS))
    .slice(0, 16)
    .replace(' ', 'T');
}

const HOUR_MS = 3_600_000;
