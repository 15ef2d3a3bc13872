import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import { saysStandbyCluster } from '../world/remote-place.ts';
import type { Checker } from './checker.ts';

/**
 * Nobody in a standby cluster begins to acknowledge writes before its promotion is asked for (spec/ha.md S21). Who did when
 * the cluster was made to follow another one is not judged until its server has ended, and neither is a promotion that was
 * under way then.
 */
export function nobodyWritesInStandbyCluster(): Checker {
  let since: number | null = null;
  const writers = new Set<Place>();
  return {
    name: 'nobody-writes-in-a-standby-cluster',
    hears: ['stored', 'server', 'acknowledges'],
    see: (fact, now) => {
      if (fact.kind === 'stored' && fact.key === CONFIG) since = saysStandbyCluster(fact.value) ? (since ?? now) : null;
      if (fact.kind === 'server' && (fact.state === 'down' || fact.state === 'standby')) writers.delete(fact.host);
      if (fact.kind !== 'acknowledges') return null;
      if (since === null || now < since + UNDER_WAY_MS || writers.has(fact.host)) {
        writers.add(fact.host);
        return null;
      }
      return `${fact.host} acknowledges writes in a cluster that follows another one`;
    },
  };
}

const CONFIG = storeKey('config');
/** A promotion that had begun ends within this, or is given up. */
const UNDER_WAY_MS = 5_000;
