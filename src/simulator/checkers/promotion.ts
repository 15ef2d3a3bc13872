import { type Revision, storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { LeaseTruth } from './lease-truth.ts';

/**
 * A promotion begins only while the store shows the lock in that node's name, and before its deadline (spec/ha.md S4).
 * A lock deleted by hand still counts for its holder until a picture without it has reached its agent. On a machine that
 * stood still with its clocks nobody can tell that the deadline has passed (docs/faults.md).
 */
export function promoteOnlyUnderLease(): Checker {
  const truth = new LeaseTruth();
  const stoodStill = new Excused('the machine stood still');
  let robbed: Robbed | null = null;
  return {
    name: 'promote-only-under-lease',
    hears: ['picture-seen', 'promoting', ...LeaseTruth.hears, ...Excused.hears],
    see: (fact, now) => {
      truth.see(fact, now);
      stoodStill.see(fact);
      if (fact.kind === 'stored' && fact.key === LEADER) {
        const byHand = fact.value === null && fact.by === null && fact.previous !== null;
        // Whoever takes it meanwhile changes nothing for the one that has not heard yet.
        if (byHand) robbed = { host: fact.previous, since: fact.revision, newsAt: null };
        else if (fact.value === robbed?.host) robbed = null;
      }
      if (fact.kind === 'picture-seen' && fact.host === robbed?.host && fact.revision >= robbed.since)
        robbed = { ...robbed, newsAt: robbed.newsAt ?? now };
      if (fact.kind !== 'promoting' || stoodStill.covers(fact.host)) return null;
      const deadline = truth.deadlineOf(fact.host);
      if (deadline !== null && now >= deadline) return `${fact.host} is promoted after the deadline of its lease`;
      if (fact.host === truth.holder || isUnaware(robbed, fact.host, now)) return null;
      return `${fact.host} is promoted while ${truth.holder ?? 'nobody'} holds the lock`;
    },
  };
}

/** Its lock went at revision `since`, and not by itself. `newsAt`: when its agent saw that; null: not yet. */
type Robbed = { readonly host: Place; readonly since: Revision; readonly newsAt: number | null };

function isUnaware(robbed: Robbed | null, host: Place, now: number): boolean {
  return robbed !== null && robbed.host === host && (robbed.newsAt === null || now <= robbed.newsAt + UNDER_WAY_MS);
}

/** A promotion that was asked for right before the news came is under way. */
const UNDER_WAY_MS = 100;

const LEADER = storeKey('leader');
