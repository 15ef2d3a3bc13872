import type { Memory } from './memory.ts';
import { latestView, type Observation } from './observation.ts';
import { type Instant, later, latest } from './time.ts';
import { leadMayLast, mayGoOnWithoutStore } from './told-failsafe.ts';

/**
 * In failsafe mode, does this member know that nobody goes on without the store by its word? Before it has seen the store it
 * cannot know for how long it may have given that before it was restarted.
 */
export function isUnpromised(o: Observation, m: Memory, now: Instant): boolean {
  return latestView(o) !== null && mayGoOnWithoutStore(o) && now >= unpromisedFrom(o, m);
}

/**
 * From when on it knows that, if it is asked nothing more: an agent that was started less than one `ttl` ago may have forgotten
 * whom it left the lead to (spec/ha.md W37).
 */
export function unpromisedFrom(o: Observation, { promise, startedAt }: Memory): Instant {
  const known = later(startedAt, leadMayLast(o));
  return promise === null ? known : latest(known, promise.until);
}
