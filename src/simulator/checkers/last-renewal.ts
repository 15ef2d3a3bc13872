import { type LeaseId, storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * Whoever takes over tells people how long, at least, the former leader had not renewed its lease. Nobody is told a
 * longer span than it was.
 */
export function lastRenewalIsToldTruly(): Checker {
  const renewedAt = new Map<LeaseId, number>();
  const lockLeases = new Map<Place, LeaseId>();
  let holder: Place | null = null;
  return {
    name: 'last-renewal-is-told-truly',
    hears: ['lease-extended', 'stored', 'seeks-lock'],
    see: (fact, now) => {
      if (fact.kind === 'lease-extended') renewedAt.set(fact.lease, fact.at ?? now);
      if (fact.kind === 'stored' && fact.key === LEADER) {
        holder = fact.value;
        if (fact.value !== null && fact.lease !== null) lockLeases.set(fact.value, fact.lease);
      }
      // Who is too late wins nothing, and what it says is of an earlier reign.
      if (fact.kind !== 'seeks-lock' || holder !== null) return null;
      const lease = lockLeases.get(fact.former);
      const last = lease === undefined ? undefined : renewedAt.get(lease);
      if (last === undefined) return null;
      const span = now - last;
      const isTrue = fact.renewedBeforeMs <= span * (1 + CLOCK_DRIFT) + ROUNDING_MS;
      return isTrue
        ? null
        : `${fact.host} tells that ${fact.former} renewed ${fact.renewedBeforeMs} ms ago at the latest: it was ${span} ms ago`;
    },
  };
}

const LEADER = storeKey('leader');
/** The span is counted by two machines' clocks: the store's while the lease lasts, the teller's from then on. */
const CLOCK_DRIFT = 0.01;
const ROUNDING_MS = 10;
