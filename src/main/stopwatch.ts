import type { Stopwatch } from '../simulator/command.ts';

/** Measures processor time, which a busy machine spoils less than the time on the wall; `minutes` are on the wall. */
export function stopwatch(minutes: number | null): Stopwatch {
  const endsAt = minutes === null ? Infinity : performance.now() + minutes * 60_000;
  return {
    timed: (work) => {
      const before = process.cpuUsage();
      const result = work();
      const { user, system } = process.cpuUsage(before);
      return { result, tookMs: (user + system) / 1000 };
    },
    isTimeUp: () => performance.now() >= endsAt,
  };
}
