import type { SystemId } from '../../domain/names.ts';
import { storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';

/** One cluster is founded, and `initialize` never changes from one identifier to another (spec/ha.md S16). */
export function oneCluster(): Checker {
  let published: string | null = null;
  const created: SystemId[] = [];
  return {
    name: 'one-cluster',
    see: (fact) => {
      if (fact.kind === 'cluster-created') {
        created.push(fact.systemId);
        return published === null ? null : `${fact.host} founded a second cluster`;
      }
      if (fact.kind !== 'stored' || fact.key !== INITIALIZE || fact.value === null || fact.value === '') return null;
      if (published !== null && published !== fact.value)
        return `initialize changed from ${published} to ${fact.value}`;
      published = fact.value;
      return created.some((each) => each === published) ? null : `initialize names ${published}, which nobody created`;
    },
  };
}

const INITIALIZE = storeKey('initialize');
