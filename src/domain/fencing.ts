import type { Instant, Millis } from './time.ts';
import { earlier, millis } from './time.ts';

/**
 * How long before the lease's deadline an orderly fast stop begins. With the stop's own time and the hard fence
 * behind it, no write is acknowledged after the deadline (docs/faults.md).
 */
export const FAST_STOP_LEAD: Millis = millis(1_300);

/** How long before the deadline whatever still runs is killed: a scan of the processes, the signals, the waiting. */
export const HARD_FENCE_LEAD: Millis = millis(300);

export function fastStopAt(deadline: Instant): Instant {
  return earlier(deadline, FAST_STOP_LEAD);
}

export function hardFenceAt(deadline: Instant): Instant {
  return earlier(deadline, HARD_FENCE_LEAD);
}
