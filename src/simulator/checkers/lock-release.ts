import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * A holder gives its lock up only when nothing on its host can write any more: every process of a primary is gone, or
 * it was a standby all along (spec/ha.md S19; docs/architecture.md: fence first, then release).
 */
export function releaseOnlyWhenFenced(): Checker {
  const canWrite = new Set<Place>();
  return {
    name: 'release-only-when-fenced',
    hears: ['server', 'stored'],
    see: (fact) => {
      if (fact.kind === 'server') {
        if (fact.state === 'primary') canWrite.add(fact.host);
        // A stopping primary and one that lost its postmaster have processes left; one in recovery will write again.
        if (fact.state === 'down' || fact.state === 'standby') canWrite.delete(fact.host);
      }
      if (fact.kind !== 'stored' || fact.key !== LEADER || fact.value !== null || fact.by === null) return null;
      return canWrite.has(fact.by) ? `${fact.by} released the lock while its PostgreSQL could still write` : null;
    },
  };
}

const LEADER = storeKey('leader');
