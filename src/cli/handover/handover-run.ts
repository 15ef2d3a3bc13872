import type { ClusterView } from '../../domain/cluster-view.ts';
import { type Millis, millis, seconds } from '../../domain/time.ts';
import type { OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import { loopWaitSeconds, writeLimit } from '../leader-first.ts';
import { renderList } from '../list/render-list.ts';
import type { Tool } from '../tool.ts';
import type { Cluster, ClusterOptions } from '../with-cluster.ts';
import type { HandoverWords, Wish } from './wish.ts';

export type HandoverOptions = ClusterOptions &
  HandoverWords & {
    readonly tool: Tool;
    /** `json`: one object at the end, and no tables. */
    readonly format: 'text' | 'json';
  };

/** A handover that was asked for, and everything that its parts need. */
export type HandoverRun = {
  readonly options: HandoverOptions;
  readonly line: OperatorLine;
  readonly cluster: Cluster;
  /** As it was before. */
  readonly view: SeenCluster;
  readonly wish: Wish;
};

/**
 * What came of asking. `open`: it may happen yet, and only the store will tell. The last line, and the picture of which
 * the table is shown, if any.
 */
export type HandoverResult = {
  readonly outcome: 'done' | 'scheduled' | 'open' | 'failed';
  readonly status: number | null;
  readonly says: string;
  readonly shown: SeenCluster | null;
};

/** An agent watches for twice the longer of ten seconds and a loop, from its write on. */
function watchSeconds(view: ClusterView): number {
  return 2 * Math.max(10, loopWaitSeconds(view));
}

/** How long something may take of which only the store will tell. */
export function patience(view: ClusterView): number {
  return watchSeconds(view) + 20;
}

/** How long an agent may take to say what came of it. */
export function answerLimit(view: ClusterView): Millis {
  return millis(writeLimit(view) + seconds(watchSeconds(view)));
}

export function clusterTable({ name, grouping }: Cluster, { groups }: SeenCluster): string {
  return renderList({ name, groups, grouping, format: 'pretty', extended: false, order: 'names' });
}
