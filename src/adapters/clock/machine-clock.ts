import { uptime } from 'node:os';
import { instant, wallTime } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * The clock that all processes of one machine share. The kernel's monotonic clock stands still while the machine is
 * suspended, the time since boot (10 ms resolution) does not: a lease runs on meanwhile, so the larger of both counts.
 */
export function createMachineClock(sources: ClockSources = kernelClocks): Clock {
  return {
    now: () => instant(Math.max(sources.monotonic(), sources.sinceBoot())),
    wallNow: () => wallTime(sources.wall()),
    suspended: () => apart(sources),
  };
}

/** Milliseconds each. */
export type ClockSources = {
  /** CLOCK_MONOTONIC. */
  monotonic(): number;
  sinceBoot(): number;
  wall(): number;
};

const kernelClocks: ClockSources = {
  monotonic: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  sinceBoot: () => uptime() * 1_000,
  wall: () => Date.now(),
};

const READINGS_MAX = 5;
const CLOSE_TOGETHER_MS = 5;

/**
 * How far the clocks are apart. They cannot be read in one instant, so a reading during which this process lost the
 * CPU is repeated; and whatever error is left makes the result too small, never a suspension that was none.
 */
function apart(sources: ClockSources): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let reading = 0; reading < READINGS_MAX; reading += 1) {
    const before = sources.monotonic();
    const sinceBoot = sources.sinceBoot();
    const after = sources.monotonic();
    best = Math.max(best, sinceBoot - after);
    if (after - before < CLOSE_TOGETHER_MS) break;
  }
  return best;
}
