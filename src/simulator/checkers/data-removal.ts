import { type SystemId, storeKey } from '../../domain/names.ts';
import type { PostgresTask } from '../../domain/task.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import { saysStandbyCluster } from '../world/remote-place.ts';
import type { Checker } from './checker.ts';

/**
 * A cluster's data directory is removed only where a setting allows it or a person ordered it, never by whoever holds the lock, and never when
 * it is the last copy; it is moved aside only after a bootstrap that failed (spec/ha.md S18).
 */
export function dataRemovedOnlyIfAllowed(options: { readonly removalAllowed: boolean }): Checker {
  const copies = new Copies();
  const lastTask = new Map<Place, PostgresTask['kind']>();
  const ordered = new Set<Place>();
  let holder: string | null = null;
  let follows = false;
  const judgeRemoval = (host: Place, task: PostgresTask): string | null => {
    const isOrdered = task.kind === 'clone' && ordered.delete(host);
    if (!options.removalAllowed && !isOrdered) return `${host} removed its data by ${task.kind}, which nothing allows`;
    // What a cluster that follows another one holds is that one's, too.
    if (host === holder && !follows) return `${host} removed its data by ${task.kind} and holds the lock`;
    return copies.isLast(host) && !follows ? `${host} removed the last copy of the data` : null;
  };
  const judgeTask = (host: Place, task: PostgresTask): string | null => {
    const before = lastTask.get(host);
    // What a failed bootstrap left running is ended first.
    if (before !== 'bootstrap' || !ENDS_PROCESSES.has(task.kind)) lastTask.set(host, task.kind);
    const isAllowed = task.kind !== 'set-aside-data' || before === 'bootstrap';
    return isAllowed ? null : `${host} moves its data aside after ${before ?? 'nothing'}`;
  };
  return {
    name: 'data-removed-only-if-allowed',
    hears: ['cluster-created', 'copy-ordered', 'data-removed', 'files-replaced', 'stored', 'task-began', 'task-ended'],
    see: (fact) => {
      const removed = fact.kind === 'data-removed' && fact.had === 'cluster';
      const problem = removed ? judgeRemoval(fact.host, fact.task) : null;
      copies.see(fact);
      if (fact.kind === 'copy-ordered') ordered.add(fact.host);
      if (fact.kind === 'stored' && fact.key === LEADER) holder = fact.value;
      if (fact.kind === 'stored' && fact.key === CONFIG) follows = saysStandbyCluster(fact.value);
      // A cluster that was created is not what a failure left.
      if (fact.kind === 'task-ended' && fact.task.kind === 'bootstrap' && fact.how === 'done')
        lastTask.delete(fact.host);
      return fact.kind === 'task-began' ? judgeTask(fact.host, fact.task) : problem;
    },
  };
}

const ENDS_PROCESSES: ReadonlySet<PostgresTask['kind']> = new Set(['stop', 'end-orphans']);

/** Which cluster's data lies where. */
class Copies {
  readonly #identifiers = new Map<Place, SystemId>();

  see(fact: Fact): void {
    if (fact.kind === 'data-removed') this.#identifiers.delete(fact.host);
    if (fact.kind !== 'cluster-created' && fact.kind !== 'files-replaced') return;
    if (fact.systemId === null) this.#identifiers.delete(fact.host);
    else this.#identifiers.set(fact.host, fact.systemId);
  }

  isLast(host: Place): boolean {
    const mine = this.#identifiers.get(host);
    return ![...this.#identifiers].some(([other, identifier]) => other !== host && identifier === mine);
  }
}

const CONFIG = storeKey('config');
const LEADER = storeKey('leader');
