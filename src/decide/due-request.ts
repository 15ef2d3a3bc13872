import type { ClusterView, FailoverRequest } from '../domain/cluster-view.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { between, type Millis, millis, seconds, wallTime } from '../domain/time.ts';

/** How long a leader may take, after it accepted a request in time, to stop and to give the lock away. */
const HAND_OVER_LIMIT = seconds(60);

/**
 * `later`: not yet, or not while the cluster is paused. `stale`: whoever asked for it no longer expects it.
 * `unreadable`: nobody can know when.
 */
export type Dueness = 'now' | 'later' | 'stale' | 'unreadable';

/**
 * When does a request count? A scheduled one from its time on and not long after it, never before and never in a pause
 * (spec/ha.md 2.17 S).
 */
export function dueness(o: Observation, request: FailoverRequest, late: Millis = punctuality(o)): Dueness {
  const { schedule } = request;
  if (schedule.kind === 'now') return 'now';
  if (schedule.kind === 'unreadable') return 'unreadable';
  if (o.dynamic.pause || schedule.at > o.wallNow) return 'later';
  return o.wallNow > wallTime(schedule.at + late) ? 'stale' : 'now';
}

/**
 * The request that counts in a race, if any: a scheduled one steers no failover that comes earlier, or much later, by
 * itself; and one that another member has led since leads away from nobody any more.
 */
export function dueRequest(o: Observation, m: Memory, view: ClusterView): FailoverRequest | null {
  if (view.failover === null) return null;
  const late = millis(punctuality(o) + HAND_OVER_LIMIT + stopTookAfterDue(o, m, view.failover));
  if (dueness(o, view.failover, late) !== 'now') return null;
  return isFulfilled(o, m, view.failover) ? null : view.failover;
}

/**
 * A leader that has not accepted a request in time deletes it: one that still led with it long after had accepted it, and
 * took as long to stop. What it handed over is the request's until it gave the lock away, and a while beyond.
 */
function stopTookAfterDue(o: Observation, m: Memory, { leader, schedule }: FailoverRequest): Millis {
  if (schedule.kind !== 'at' || m.unlockedSince === null || leader === null || m.lastHolder?.name !== leader)
    return millis(0);
  // A pause, in which nothing is due, kept it from deleting the request. Who stops for minutes says so.
  const holder = m.lastHolder.members.find(({ name }) => name === leader);
  const isAfterPause = m.resumedAt !== null && o.wallNow - between(m.resumedAt, o.now) > schedule.at;
  if (isAfterPause && holder?.state === 'running') return millis(0);
  return millis(Math.max(0, o.wallNow - between(m.unlockedSince, o.now) - schedule.at));
}

/**
 * Somebody took over, and went away before it could clear the request. Whoever has the lock now is still about it. Who was
 * last seen leading before there was a request did not: the reign of the leader that it names was missed here.
 */
function isFulfilled(o: Observation, { lastHolder }: Memory, { leader, modRevision }: FailoverRequest): boolean {
  if (leader === null || lastHolder === null) return false;
  if (lastHolder.revision !== undefined && lastHolder.revision < modRevision) return false;
  return lastHolder.name !== leader && lastHolder.name !== o.config.name;
}

/** How late something may begin that was due: one and a half loops, in whole seconds. */
export function punctuality(o: Observation): Millis {
  return millis(Math.floor((o.timings.loopWait * 1.5) / 1000) * 1000);
}
