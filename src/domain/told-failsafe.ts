import { latestView, type Observation } from './observation.ts';
import { type Millis, millis } from './time.ts';

/**
 * May the last leader go on without the store by the members' word? If the configuration says so, or the leader itself said so
 * last (`status`): one that is cut off from the store does not hear that the mode was turned off.
 */
export function mayGoOnWithoutStore(o: Observation): boolean {
  return o.dynamic.failsafeMode || told(o) !== null;
}

/** How long a lease of the last leader, or a promise to it, may last: neither does it hear of a shorter `ttl`. */
export function leadMayLast(o: Observation): Millis {
  return millis(Math.max(o.timings.ttl, told(o) ?? 0));
}

function told(o: Observation): Millis | null {
  return latestView(o)?.status.failsafeTtl ?? null;
}
