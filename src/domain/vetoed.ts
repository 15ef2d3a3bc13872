import type { Memory } from './memory.ts';
import type { Observation } from './observation.ts';
import { type Instant, later, millis } from './time.ts';

/** Did the operator's `pre_promote` say no within the last `ttl`? In a pause it is asked again: nobody else may lead. */
export function isVetoed({ dynamic, timings }: Observation, { vetoedAt }: Memory, now: Instant): boolean {
  return vetoedAt !== null && !dynamic.pause && now < later(vetoedAt, timings.ttl);
}

/** So many tries in a row, and so long after the next one is allowed. */
const FAILURES_MIN = 3;
const RECENTLY = millis(10_000);

/** Could it not take the lock of late? No guardian can be started, perhaps, or the store does not let it write that key. */
export function getsNoLock({ backoffs }: Memory, now: Instant): boolean {
  const tried = backoffs.get('campaign');
  return tried !== undefined && tried.failures >= FAILURES_MIN && now < later(tried.until, RECENTLY);
}

/** One try that failed is enough not to judge others by theirs: the store takes nobody's, perhaps. */
export function failedToLock({ backoffs }: Memory, now: Instant): boolean {
  const tried = backoffs.get('campaign');
  return tried !== undefined && now < later(tried.until, RECENTLY);
}
