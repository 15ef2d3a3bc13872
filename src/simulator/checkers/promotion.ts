import { storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';

/**
 * A promotion begins only while the store shows the lock in that node's name (spec/ha.md S4). A lock deleted by hand
 * counts for its holder until the news can have reached it.
 */
export function promoteOnlyUnderLease(): Checker {
  let holder: string | null = null;
  let robbed: { readonly host: string; readonly at: number } | null = null;
  return {
    name: 'promote-only-under-lease',
    see: (fact, now) => {
      if (fact.kind === 'lock-deleted-by-hand' && fact.holder !== null) robbed = { host: fact.holder, at: now };
      if (fact.kind === 'stored' && fact.key === LEADER) holder = fact.value;
      if (fact.kind !== 'promoting' || fact.host === holder) return null;
      if (robbed !== null && robbed.host === fact.host && now <= robbed.at + NEWS_MS) return null;
      return `${fact.host} is promoted while ${holder ?? 'nobody'} holds the lock`;
    },
  };
}

/** A watch that breaks is noticed and resumed within this. */
const NEWS_MS = 1000;

const LEADER = storeKey('leader');
