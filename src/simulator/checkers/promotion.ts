import { storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';

/** A promotion begins only while the store shows the lock in that node's name (spec/ha.md S4). */
export function promoteOnlyUnderLease(): Checker {
  let holder: string | null = null;
  return {
    name: 'promote-only-under-lease',
    see: (fact) => {
      if (fact.kind === 'stored' && fact.key === LEADER) holder = fact.value;
      if (fact.kind !== 'promoting' || fact.host === holder) return null;
      return `${fact.host} is promoted while ${holder ?? 'nobody'} holds the lock`;
    },
  };
}

const LEADER = storeKey('leader');
