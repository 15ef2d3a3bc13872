import type { SystemId } from '../../domain/names.ts';
import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/** Nobody takes the lock with the data of another cluster than `initialize` names (spec/ha.md S15). */
export function holderBelongsToTheCluster(): Checker {
  const identifiers = new Map<Place, SystemId>();
  let cluster: string | null = null;
  return {
    name: 'holder-belongs-to-the-cluster',
    hears: ['cluster-created', 'files-replaced', 'stored'],
    see: (fact) => {
      if (fact.kind === 'cluster-created') identifiers.set(fact.host, fact.systemId);
      if (fact.kind === 'files-replaced') {
        if (fact.systemId === null) identifiers.delete(fact.host);
        else identifiers.set(fact.host, fact.systemId);
      }
      if (fact.kind !== 'stored') return null;
      if (fact.key === INITIALIZE) cluster = fact.value === '' ? null : fact.value;
      if (fact.key !== LEADER || fact.value === null || fact.previous !== null) return null;
      const own = identifiers.get(fact.value);
      if (own === undefined || cluster === null || own === cluster) return null;
      return `${fact.value} took the lock with data of cluster ${own}, not ${cluster}`;
    },
  };
}

const INITIALIZE = storeKey('initialize');
const LEADER = storeKey('leader');
