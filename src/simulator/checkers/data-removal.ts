import type { Checker } from './checker.ts';

/**
 * A cluster's data directory is removed only where a setting allows it, and never on a node that holds the lock or
 * when it is the last copy in the cluster (spec/ha.md S18).
 */
export function dataRemovedOnlyIfAllowed(options: {
  readonly removalAllowed: boolean;
  readonly nodes: number;
}): Checker {
  const clusters = new Set<string>();
  return {
    name: 'data-removed-only-if-allowed',
    see: (fact) => {
      if (fact.kind === 'acknowledges') clusters.add(fact.host);
      if (fact.kind === 'task-began' && fact.task.kind === 'start') clusters.add(fact.host);
      if (fact.kind !== 'data-removed' || fact.had !== 'cluster') return null;
      clusters.delete(fact.host);
      if (!options.removalAllowed) return `${fact.host} removed its data by ${fact.task.kind}, which nothing allows`;
      if (clusters.size === 0 && options.nodes > 1) return `${fact.host} removed the last copy of the data`;
      return null;
    },
  };
}
