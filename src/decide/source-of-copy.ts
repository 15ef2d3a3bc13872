import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import type { RunningTask } from '../domain/task.ts';
import { later, type Millis, seconds } from '../domain/time.ts';
import { upstreamOf } from './desired-postgres.ts';
import { leaderName, otherLeader } from './facts.ts';
import { isRemote } from './remote-source.ts';

/** A network that stumbles for less than this ends no copy, however short the `ttl`. */
const PATIENCE_MIN = seconds(10);

/**
 * For how long may nothing be heard of the member that is copied or rewound from? One ttl, and ten
 * seconds at least: after that its lease is over
 * if it was the source that went away, and its PostgreSQL fenced.
 */
export function sourcePatience(o: Observation): Millis {
  return o.timings.ttl > PATIENCE_MIN ? o.timings.ttl : PATIENCE_MIN;
}

/** How a leader calls itself: the one of a cluster that follows another one is no primary. */
export function leaderRole(o: Observation): 'primary' | 'standby_leader' {
  return isStandbyCluster(o.dynamic) ? 'standby_leader' : 'primary';
}

/** The leader, while it says of itself that it leads and runs: whom a new copy is made of. */
export function runningLeader(o: Observation, m: Memory): Upstream | null {
  const member = otherLeader(o, m)?.member ?? null;
  return member?.role === leaderRole(o) && member.state === 'running' ? upstreamOf(o, member) : null;
}

/**
 * Does a copy or a rewind go on from a member that leads no more? Its PostgreSQL was stopped before somebody else could
 * lead, or is gone; the tool may not notice for long. Without anybody who leads it may be back in a moment.
 * @returns why the task has no source; `null`: it has one, or nothing is known of it.
 */
export function sourceLost(task: RunningTask, o: Observation, m: Memory): string | null {
  const { task: work } = task;
  if ((work.kind !== 'clone' && work.kind !== 'rewind') || o.store.kind === 'unknown' || o.store.kind === 'silent') {
    return null;
  }
  if (isRemote(o, work.from.member)) return null;
  const leader = leaderName(o, m);
  if (leader !== null) return leader === work.from.member ? null : `${leader} leads`;
  const isLongGone = m.unlockedSince !== null && o.now >= later(m.unlockedSince, work.patience);
  return isLongGone ? `${work.from.member} leads no more` : null;
}
