import type { SystemId } from '../../domain/names.ts';
import { storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';

/**
 * One cluster is founded, and `initialize` never changes from one identifier to another (spec/ha.md S16). A machine that
 * stood still in the middle of it ends what it had begun before it hears that somebody else was quicker; its files are
 * for a person to remove.
 */
export function oneCluster(): Checker {
  let published: string | null = null;
  const created: SystemId[] = [];
  const excused = new Excused();
  return {
    name: 'one-cluster',
    hears: ['cluster-created', 'stored', ...Excused.hears],
    see: (fact) => {
      excused.see(fact);
      if (fact.kind === 'cluster-created') {
        created.push(fact.systemId);
        return published === null || excused.covers(fact.host) ? null : `${fact.host} founded a second cluster`;
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
