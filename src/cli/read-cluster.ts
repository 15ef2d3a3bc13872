import type { ClusterView } from '../domain/cluster-view.ts';
import { between, later, millis, seconds } from '../domain/time.ts';
import type { OperatorStore, ReadOutcome } from '../ports/store.ts';
import { readClusterView } from '../wire/dcs/cluster-view.ts';
import type { CommandLine } from './command-line.ts';

export type ClusterRead =
  | { readonly kind: 'view'; readonly view: ClusterView }
  | { readonly kind: 'failed'; readonly why: string };

/** How long a store may take to answer, its elections and a dead member or two included. */
const PATIENCE = seconds(10);
/** A member that hangs gets no more of it. */
const ATTEMPT_LIMIT = seconds(3);
const AGAIN_AFTER = millis(500);

/** One consistent picture of a cluster. A store that does not answer is asked again for a while, at another member. */
export async function readCluster(store: OperatorStore, line: CommandLine): Promise<ClusterRead> {
  const until = later(line.now(), PATIENCE);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await store.read('everything', ATTEMPT_LIMIT);
    if (outcome.kind === 'read') return viewIn(outcome);
    const isLast = between(line.now(), until) <= AGAIN_AFTER;
    if (outcome.kind === 'refused' || isLast) return { kind: 'failed', why: outcome.reason };
    if (attempt === 1) line.stderr.write(`The store does not answer (${outcome.reason}); asking again\n`);
    store.switchEndpoint();
    await line.sleep(AGAIN_AFTER);
  }
}

/** One picture, asked for once. After a failure the store's next member is used. */
export async function glanceAtCluster(store: OperatorStore): Promise<ClusterRead> {
  const outcome = await store.read('everything', ATTEMPT_LIMIT);
  if (outcome.kind === 'read') return viewIn(outcome);
  store.switchEndpoint();
  return { kind: 'failed', why: outcome.reason };
}

function viewIn({ pairs, revision }: ReadOutcome & { readonly kind: 'read' }): ClusterRead {
  return { kind: 'view', view: readClusterView(pairs, revision) };
}
