import { type ClusterView, type Member, memberOf } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { later, latest, millis } from '../domain/time.ts';
import { dueRequest } from './due-request.ts';
import { leaderName } from './facts.ts';

/** PostgreSQL's `wal_retrieve_retry_interval`, twice: the old leader's start may fall between two tries. */
const HAND_OVER_PATIENCE = millis(10_000);
/** Whom the request names waits for longer: others may have more than it. Not for ever, since they wait for it where it has more. */
const NAMED_PATIENCE = millis(60_000);

/**
 * A switchover promised to lose nothing: the next leader must have what the old one released the lock with. How much of
 * that is missing at `position`, while it is waited for.
 */
export function handOverGap(o: Observation, m: Memory, view: ClusterView, position: Lsn): bigint | null {
  const request = dueRequest(o, m, view);
  const last = view.status.lastLsn;
  if (request === null || request.leader === null || last === null || position >= last) return null;
  const isNamed = request.candidate === o.config.name;
  return mayStillArrive(o, m, isNamed) ? last - position : null;
}

/**
 * The old leader of a switchover starts again as a replica, though not in a pause, and whoever did not stream from it when
 * it stopped gets the rest from it then (`follow-former-leader.ts`). Whether that is still to be waited for; one who has
 * the lock was asked before it took it.
 */
function mayStillArrive(o: Observation, m: Memory, isNamed: boolean): boolean {
  const unlockedSince = m.unlockedSince ?? o.now;
  const since = m.resumedAt === null ? unlockedSince : latest(unlockedSince, m.resumedAt);
  const patience = isNamed ? NAMED_PATIENCE : HAND_OVER_PATIENCE;
  const wasAsked = isNamed ? m.acquired?.how === 'race' : m.acquired !== null;
  return !wasAsked && o.now < later(since, patience);
}

/** Nobody leads yet after a switchover: the old leader, if it was the last one. */
export function whoHandedOver(o: Observation, m: Memory): Member | null {
  const view = latestView(o);
  if (view === null || leaderName(o, m) !== null || isStandbyCluster(o.dynamic)) return null;
  const former = dueRequest(o, m, view)?.leader ?? null;
  const isOther = former !== null && former !== o.config.name;
  return isOther && m.lastHolder?.name === former ? memberOf(view, former) : null;
}
