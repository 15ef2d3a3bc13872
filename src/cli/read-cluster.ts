import { between, later, millis, seconds } from '../domain/time.ts';
import type { OperatorStore } from '../ports/store.ts';
import type { CommandLine } from './command-line.ts';
import { type Grouping, type SeenCluster, seeCluster } from './groups.ts';

export type ClusterRead =
  | { readonly kind: 'view'; readonly view: SeenCluster }
  | { readonly kind: 'failed'; readonly why: string };

/** How long a store may take to answer, its elections and a dead member or two included. */
const PATIENCE = seconds(10);
/** A member that hangs gets no more of it. */
const ATTEMPT_LIMIT = seconds(3);
const AGAIN_AFTER = millis(500);

/** One consistent picture of a cluster. A store that does not answer is asked again for a while, at another member. */
export async function readCluster(store: OperatorStore, line: CommandLine, grouping: Grouping): Promise<ClusterRead> {
  const until = later(line.now(), PATIENCE);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await store.read('everything', ATTEMPT_LIMIT);
    if (outcome.kind === 'read') return { kind: 'view', view: seeCluster(outcome, grouping) };
    const isLast = between(line.now(), until) <= AGAIN_AFTER;
    if (outcome.kind === 'refused' || isLast) return { kind: 'failed', why: outcome.reason };
    if (attempt === 1) line.stderr.write(`The store does not answer (${outcome.reason}); asking again\n`);
    store.switchEndpoint();
    await line.sleep(AGAIN_AFTER);
  }
}

/** One picture, asked for once. After a failure the store's next member is used. */
export async function glanceAtCluster(store: OperatorStore, grouping: Grouping): Promise<ClusterRead> {
  const outcome = await store.read('everything', ATTEMPT_LIMIT);
  if (outcome.kind === 'read') return { kind: 'view', view: seeCluster(outcome, grouping) };
  store.switchEndpoint();
  return { kind: 'failed', why: outcome.reason };
}
