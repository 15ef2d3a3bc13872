import type { Instant, WallTime } from '../domain/time.ts';

export type Clock = {
  /** The larger of the monotonic clock and the time since boot, suspends included; equal in all processes of a machine. */
  now(): Instant;
  wallNow(): WallTime;
  /**
   * How far the two clocks behind `now` are apart. A jump means that the machine was suspended:
   * nothing that was proven before it counts any more.
   */
  suspended(): number;
};
