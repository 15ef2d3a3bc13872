import type { Memory } from './memory.ts';
import type { Observation } from './observation.ts';
import { type Instant, later } from './time.ts';

/** Did the operator's `pre_promote` say no within the last `ttl`? In a pause it is asked again: nobody else may lead. */
export function isVetoed({ dynamic, timings }: Observation, { vetoedAt }: Memory, now: Instant): boolean {
  return vetoedAt !== null && !dynamic.pause && now < later(vetoedAt, timings.ttl);
}
