import type { Decision } from '../domain/decision.ts';
import type { DesiredPostgres, Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { ScheduledRestart } from '../domain/orders.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import type { Millis } from '../domain/time.ts';
import { run } from './conclude.ts';
import { desiredStandby, isUpstream } from './desired-postgres.ts';
import { punctuality } from './due-request.ts';
import { heldLock, leaderName, presentDirectory } from './facts.ts';
import { leaseLacks, PRIMARY_SAFETY } from './lease-safety.ts';
import { keyToSettle, primaryToStart } from './primary-to-start.ts';
import { whileStarting } from './remote-source.ts';
import { meetsConditions } from './restart-conditions.ts';
import { wantedUpstream } from './whom-to-follow.ts';

/** Is a restart of PostgreSQL ordered, or due by its schedule (spec/ha.md 2.18)? What does not run is started by others. */
export function orderedRestart(o: Observation, m: Memory): Decision | null {
  const { order, scheduledRestart: scheduled } = m;
  const isOrdered = order?.kind === 'restart' && !order.begun && o.now < order.until;
  if (isOrdered) return restart('restart-ordered', o, m, order.timeout);
  if (scheduled === null || scheduleStands(o, m, scheduled) !== 'due') return null;
  return restart('restart-scheduled', o, m, scheduled.timeout);
}

/**
 * What becomes of a scheduled restart now: `void` when it came too late, when its conditions are not met at its time, or
 * when the postmaster that it was meant for runs no more. Nothing is judged in a pause, or while nobody leads.
 */
export function scheduleStands(o: Observation, m: Memory, scheduled: ScheduledRestart): 'later' | 'due' | 'void' {
  if (o.task !== null || o.postgres === null || o.dynamic.pause || leaderName(o, m) === null) return 'later';
  const { process } = o.postgres;
  const { pid, startedAt } = scheduled.postmaster;
  if (process.kind !== 'running' || process.pid !== pid || process.startedAt !== startedAt) return 'void';
  if (scheduled.at > o.wallNow) return 'later';
  const isStale = o.wallNow > scheduled.at + punctuality(o);
  return !isStale && meetsConditions(o, m, scheduled.filters) ? 'due' : 'void';
}

/**
 * @returns `null` where it cannot begin yet: the lease is too short, a standby is about to be promoted, or nobody knows for
 * whom commits waited. Who leads a standby cluster never is promoted: it keeps its lock, and restarts like any standby.
 */
function restart(
  rule: 'restart-ordered' | 'restart-scheduled',
  o: Observation,
  m: Memory,
  asked: Millis | null,
): Decision | null {
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  if (directory === null || o.postgres?.process.kind !== 'running') return null;
  const held = heldLock(o);
  const server = o.postgres.server.kind;
  const isPrimary = server === 'primary' || (server !== 'standby' && directory.signal === 'none');
  const isPromotedFirst = held !== null && !isPrimary && !isStandbyCluster(o.dynamic);
  // Whatever runs as a primary without the lock is stopped by other questions.
  if (isPromotedFirst || (isPrimary && held === null)) return null;
  // What cannot be asked was the primary of this very lock, or it is not started as one: it may be half promoted.
  if (isPrimary && (leaseLacks(o) !== null || (server !== 'primary' && m.reign !== held?.createRevision))) return null;
  // A standby that does not come up needs perhaps to be given another upstream, and until the task is over nobody does that.
  const isPatient = (isPrimary || server === 'standby') && o.dynamic.primaryStartTimeout !== 0;
  const timeout = asked ?? (isPatient ? o.dynamic.primaryStartTimeout : o.effective.startTimeout);
  const unsettled = isPrimary ? keyToSettle(o, m) : null;
  if (unsettled !== null) return o.store.kind === 'settled' ? unsettled : null;
  const desired = isPrimary ? primaryToStart(o, m) : desiredStandby(o, whileStarting(o, presentUpstream(o, m)));
  const safety = isPrimary ? { safety: PRIMARY_SAFETY } : {};
  return run(rule, { kind: 'restart', desired, timeout, ...safety }, { as: isPrimary ? 'primary' : 'standby' });
}

/** It goes on following whom it follows: whether it fits somebody else is a question of its own, asked with more care. */
function presentUpstream(o: Observation, m: Memory): Upstream | null {
  const server = o.postgres?.server;
  const candidates = [wantedUpstream(o, m), appliedUpstream(m.applied)];
  if (server?.kind !== 'standby') return appliedUpstream(m.applied);
  return candidates.find((each) => each !== null && isUpstream(server.upstream, each)) ?? null;
}

function appliedUpstream(applied: DesiredPostgres | null): Upstream | null {
  return applied?.standby?.upstream ?? null;
}
