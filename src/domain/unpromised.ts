import type { Memory } from './memory.ts';
import type { Observation } from './observation.ts';
import { type Instant, later, latest } from './time.ts';

/** In failsafe mode, does this member know that nobody goes on without the store by its word? */
export function isUnpromised(o: Observation, m: Memory, now: Instant): boolean {
  return o.dynamic.failsafeMode && now >= unpromisedFrom(o, m);
}

/**
 * From when on it knows that, if it is asked nothing more: an agent that was started less than one `ttl` ago may have forgotten
 * whom it left the lead to (spec/ha.md W37).
 */
export function unpromisedFrom({ timings }: Observation, { promise, startedAt }: Memory): Instant {
  const known = later(startedAt, timings.ttl);
  return promise === null ? known : latest(known, promise.until);
}
