import { uptime } from 'node:os';
import { instant, wallTime } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * The clock that all processes of one machine share. The kernel's monotonic clock stands still while the machine is
 * suspended, the time since boot (10 ms resolution) does not: a lease runs on meanwhile, so the larger of both counts.
 */
export function createMachineClock(sources: ClockSources = kernelClocks): Clock {
  const ahead = watchedDistance(sources);
  return {
    now: () => instant(sources.monotonic() + Math.max(0, ahead())),
    wallNow: () => wallTime(sources.wall()),
    suspended: ahead,
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

/** The wall clock's own steps are as good a reason to look again as a suspension; its slow correction is none. */
const MOVED_MS = 3;
const LOOK_AGAIN_MS = 1_000;

/**
 * How far the time since boot is ahead of the monotonic clock. Reading it opens a file, which a clock that is read
 * fifty times a second cannot afford: it is read when a suspension shows in the wall clock, which does not stand still
 * either, and once a second in any case.
 */
function watchedDistance(sources: ClockSources): () => number {
  let seen: { readonly distance: number; readonly wallAhead: number; readonly at: number } | null = null;
  return () => {
    const at = sources.monotonic();
    const wallAhead = sources.wall() - at;
    if (seen === null || Math.abs(wallAhead - seen.wallAhead) > MOVED_MS || at - seen.at >= LOOK_AGAIN_MS) {
      // It never shrinks, and a reading is never too large: so the clock does not go back, either.
      seen = { distance: Math.max(seen?.distance ?? Number.NEGATIVE_INFINITY, apart(sources)), wallAhead, at };
    }
    return seen.distance;
  };
}

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
