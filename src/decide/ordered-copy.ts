import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { CopyOrder } from '../domain/orders.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import { mayBeSynchronous } from '../domain/tags.ts';
import { later } from '../domain/time.ts';
import { run, wait } from './conclude.ts';
import { heldLock } from './facts.ts';
import { belongsHere } from './identity.ts';
import { UNREADABLE_PATIENCE } from './release-without-data.ts';
import {
  copyOf,
  isLeaderItself,
  leaderItself,
  runningLeader,
  type Source,
  sourceOfCopy,
  usualSource,
} from './source-of-copy.ts';
import { modeOf } from './sync-pair.ts';

/**
 * Is a new copy ordered in place of what lies here (spec/ha.md 2.18 X6)? Nothing is stopped before there is somebody to
 * copy from, whoever holds the lock removes nothing, and nobody what is of another cluster. Where the creation of a
 * cluster is not over, or not undone, nothing is copied: what it leaves is kept for a person.
 */
export function orderedCopy(o: Observation, m: Memory): Decision | null {
  const { order } = m;
  if (order?.kind !== 'reinitialize' || order.stage !== 'wanted' || o.postgres === null || heldLock(o) !== null)
    return null;
  if (m.bootstrap.kind !== 'none') return null;
  const source = sourceFor(order, o, m);
  if (source === null || o.store.kind !== 'settled' || !mayBeReplaced(o.postgres, o, m)) return null;
  if (o.postgres.process.kind !== 'none') {
    const timeout = o.timings.retryTimeout;
    return run('reinitialize-stop', { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout });
  }
  return awaitLeader(order, o, m) ?? run('reinitialize-copy', copyOf(o, source), { from: source.from.member });
}

/**
 * The leader counted on me a moment ago: it is about to strike me from the sync key, and a write that lets me elect may be
 * on its way. A replica or a backup is copied once that is over, if the key does not name me then, and my data stays until then.
 */
function awaitLeader({ fromLeader }: CopyOrder, o: Observation, m: Memory): Decision | null {
  if (fromLeader || modeOf(o) === null || !mayBeSynchronous(o.config.tags)) return null;
  const usual = usualSource(o, m, 'reinitialize-copy');
  if (usual === null || isLeaderItself(usual)) return null;
  const until = later(m.unavailableSince ?? o.now, o.timings.retryTimeout);
  return o.now >= until ? null : wait('reinitialize-copy', 'the leader to count on this member no more', until);
}

/**
 * What is of another cluster may be the last copy of that, and is for a person to move away; and which cluster this is
 * nobody knows before the store names it. One look that was too slow, or one tool that failed, says nothing of what lies here.
 */
function mayBeReplaced({ dataDirectory, process }: PostgresReport, o: Observation, m: Memory): boolean {
  switch (dataDirectory.kind) {
    case 'empty':
      return true;
    case 'inaccessible':
      return dataDirectory.holdsNoCluster === true;
    case 'present': {
      const isUnreadable = (dataDirectory.control?.systemId ?? null) === null;
      if (!isUnreadable) return belongsHere(o);
      return process.kind !== 'none' || o.now >= later(m.unavailableSince ?? o.now, UNREADABLE_PATIENCE);
    }
  }
}

/** Who asked for the leader itself does not trust other copies and backups. */
function sourceFor({ fromLeader }: CopyOrder, o: Observation, m: Memory): Source | null {
  if (!fromLeader) return sourceOfCopy(o, m, 'reinitialize-copy');
  const from = runningLeader(o, m);
  return from === null ? null : leaderItself(from, o);
}
