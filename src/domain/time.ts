import type { Brand } from './brand.ts';

/** A span in milliseconds. */
export type Millis = Brand<number, 'Millis'>;
/** A point on this machine's monotonic clock, in milliseconds; it never leaves the machine. */
export type Instant = Brand<number, 'Instant'>;
/** Wall-clock milliseconds since 1970: for people, and for the schedules they give us. */
export type WallTime = Brand<number, 'WallTime'>;

/** What a timer of Node's can wait for; one that is told to wait for longer ends at once. */
export const TIMER_MAX = 2 ** 31 - 1;

export function millis(span: number): Millis {
  return span as Millis;
}

export function seconds(span: number): Millis {
  return (span * 1000) as Millis;
}

export function instant(milliseconds: number): Instant {
  return milliseconds as Instant;
}

export function wallTime(milliseconds: number): WallTime {
  return milliseconds as WallTime;
}

export function later(start: Instant, span: Millis): Instant {
  return (start + span) as Instant;
}

export function earlier(start: Instant, span: Millis): Instant {
  return (start - span) as Instant;
}

/** How long it is from `from` to `to`; negative when `to` is already past. */
export function between(from: Instant, to: Instant): Millis {
  return (to - from) as Millis;
}

export function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

export function earliest(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
