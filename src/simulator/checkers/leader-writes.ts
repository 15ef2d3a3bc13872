import { type StoreKey, storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';

/**
 * `history`, `status` and `sync` are a leader's to write: whoever writes them holds
 * the lock at that very moment, so that a former leader overwrites nothing (spec/ha.md S11, S25).
 */
export function onlyTheLeaderSpeaksForTheCluster(): Checker {
  let holder: string | null = null;
  return {
    name: 'only-the-leader-speaks-for-the-cluster',
    hears: ['stored'],
    see: (fact) => {
      if (fact.kind !== 'stored') return null;
      if (fact.key === LEADER) holder = fact.value;
      if (!LEADERS_KEYS.has(fact.key) || fact.by === null || fact.by === holder) return null;
      return `${fact.by} wrote ${fact.key} while ${holder ?? 'nobody'} held the lock`;
    },
  };
}

const LEADER = storeKey('leader');
const LEADERS_KEYS: ReadonlySet<StoreKey> = new Set([storeKey('history'), storeKey('status'), storeKey('sync')]);
