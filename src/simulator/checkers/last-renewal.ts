import { type LeaseId, type Revision, storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * Whoever takes over tells people how long, at least, the former leader had not renewed its lease. Nobody is told a
 * longer span than it was, as far as the teller's picture goes: a lock may have been taken and given up since.
 */
export function lastRenewalIsToldTruly(): Checker {
  const renewedAt = new Map<LeaseId, number>();
  const reigns = new Map<Place, readonly Reign[]>();
  const seen = new Map<Place, Revision>();
  let holder: Place | null = null;
  const lastSeenOf = (former: Place, teller: Place): Reign | undefined => {
    const upTo = seen.get(teller);
    return reigns.get(former)?.findLast(({ since }) => upTo === undefined || since <= upTo);
  };
  return {
    name: 'last-renewal-is-told-truly',
    hears: ['lease-extended', 'stored', 'picture-seen', 'seeks-lock'],
    see: (fact, now) => {
      if (fact.kind === 'lease-extended') renewedAt.set(fact.lease, fact.at ?? now);
      if (fact.kind === 'stored' && fact.key === LEADER) {
        holder = fact.value;
        const { value, lease, revision: since } = fact;
        if (value !== null && lease !== null)
          reigns.set(value, [...(reigns.get(value) ?? []), { lease, since }].slice(-REIGNS));
      }
      if (fact.kind === 'picture-seen') seen.set(fact.host, fact.revision);
      // Who is too late wins nothing, and what it says is of an earlier reign.
      if (fact.kind !== 'seeks-lock' || holder !== null) return null;
      const reign = lastSeenOf(fact.former, fact.host);
      const last = reign === undefined ? undefined : renewedAt.get(reign.lease);
      if (last === undefined) return null;
      const span = now - last;
      const isTrue = fact.renewedBeforeMs <= span * (1 + CLOCK_DRIFT) + ROUNDING_MS;
      return isTrue
        ? null
        : `${fact.host} tells that ${fact.former} renewed ${fact.renewedBeforeMs} ms ago at the latest: it was ${span} ms ago`;
    },
  };
}

/** A lock of one member, under one lease. */
type Reign = { readonly lease: LeaseId; readonly since: Revision };

const LEADER = storeKey('leader');
const REIGNS = 3;
/** The span is counted by two machines' clocks: the store's while the lease lasts, the teller's from then on. */
const CLOCK_DRIFT = 0.01;
const ROUNDING_MS = 10;
