import type { ClusterView } from '../domain/cluster-view.ts';
import { type Revision, storeKey } from '../domain/names.ts';
import type { StoredPair } from '../domain/stored-pair.ts';
import { readClusterView } from '../wire/dcs/cluster-view.ts';
import type { GlobalOptions } from './command-line.ts';
import type { CtlConfig } from './ctl-config.ts';

/** Whether a cluster is one of Citus, whose groups have their keys below their numbers; and which of them are meant. */
export type Grouping =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly group: number }
  | { readonly kind: 'all' };

/** One group's picture; `null`: the cluster has no groups. */
export type GroupView = { readonly group: number | null; readonly view: ClusterView };

/** A cluster as a command sees it: of several groups, the picture itself is the coordinator's. */
export type SeenCluster = ClusterView & { readonly groups: readonly GroupView[] };

/** Read the keys below a cluster's prefix; that of one group ends in its number. */
export function seeCluster(
  { pairs, revision }: { readonly pairs: readonly StoredPair[]; readonly revision: Revision },
  grouping: Grouping,
): SeenCluster {
  if (grouping.kind !== 'all') {
    const view = readClusterView(pairs, revision);
    return { ...view, groups: [{ group: grouping.kind === 'one' ? grouping.group : null, view }] };
  }
  const byGroup = Map.groupBy(pairs, ({ key }) => Number(GROUP_KEY.exec(key)?.[1] ?? Number.NaN));
  const groups = [...byGroup]
    .filter(([group]) => !Number.isNaN(group))
    .sort(([a], [b]) => a - b)
    .map(([group, own]) => ({ group, view: readClusterView(own.map(withoutGroup), revision) }));
  const coordinator = groups.find(({ group }) => group === COORDINATOR)?.view ?? readClusterView([], revision);
  return { ...coordinator, groups };
}

/** Where the keys are: of one group below its number, else below the cluster. */
export function groupPrefix(prefix: string, grouping: Grouping): string {
  return grouping.kind === 'one' ? `${prefix}${grouping.group}/` : prefix;
}

/** Naming a group makes it a cluster of Citus, whatever the configuration says. */
export function groupingOf(
  { group }: Pick<GlobalOptions, 'group'>,
  { citusGroup }: Pick<CtlConfig, 'citusGroup'>,
  withoutGroup: 'the-configured-one' | 'all',
): Grouping {
  if (group !== null) return { kind: 'one', group };
  if (citusGroup === null) return { kind: 'none' };
  return withoutGroup === 'all' ? { kind: 'all' } : { kind: 'one', group: citusGroup };
}

const COORDINATOR = 0;
const GROUP_KEY = /^(0|[1-9]\d*)\//;

function withoutGroup(pair: StoredPair): StoredPair {
  return { ...pair, key: storeKey(pair.key.replace(GROUP_KEY, '')) };
}
