import type { Decision } from '../domain/decision.ts';
import { fastStopAt } from '../domain/fencing.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import type { PostgresTask, RunningTask, TaskKind } from '../domain/task.ts';
import { type Instant, later, latest } from '../domain/time.ts';
import { conclude, wait } from './conclude.ts';
import { couldWrite, foreignHolder, heldLock, otherLeader } from './facts.ts';
import { whileStarting } from './remote-source.ts';
import type { RuleId } from './rules.ts';
import { sourceLost } from './source-of-copy.ts';
import { hardStopTimeout, leaseDeadline } from './store-loss.ts';

/** What a leaving agent waits for is an end: of PostgreSQL, or of what cannot be taken back. */
const pointlessWhenLeaving: ReadonlySet<TaskKind> = new Set([
  'bootstrap',
  'clone',
  'rewind',
  'crash-recovery',
  'start',
  'restart',
  'copy-slots',
]);

/** A long task runs: wait for it, or is it pointless by now? The guardian keeps the deadline meanwhile. */
export function taskUnderWay(o: Observation, m: Memory): Decision | null {
  const task = o.task;
  if (task === null) return null;
  const cancelled = task.cancelling ? null : whyCancel(task, o, m);
  if (cancelled === null) {
    return wait('task-under-way', task.task.kind, null, { task: task.task.kind, note: task.note });
  }
  const { rule, why } = cancelled;
  return conclude(rule, { kind: 'cancel-task', why }, { task: task.task.kind, why });
}

function whyCancel(
  task: RunningTask,
  o: Observation,
  m: Memory,
): { readonly rule: RuleId; readonly why: string } | null {
  if (m.leaving !== null && pointlessWhenLeaving.has(task.task.kind)) {
    return { rule: 'task-pointless', why: 'the agent leaves' };
  }
  if (givesWay(task, m)) return { rule: 'task-gives-way', why: 'a new copy is ordered' };
  if (outlastsLease(task, o)) return { rule: 'task-outlasts-lease', why: 'the lease ends' };
  const holder = foreignHolder(o);
  if (holder !== null && mayLeaveWriting(task, o, m)) {
    return { rule: 'task-overtaken', why: `${holder} holds the lock` };
  }
  if (isStandbyCluster(o.dynamic) && (startsPrimary(task) || followsMember(task, o))) {
    return { rule: 'task-against-demotion', why: 'the cluster follows another one' };
  }
  if (isOvertakenPromotion(task, o, m)) return { rule: 'promotion-overtaken', why: 'the lock was lost' };
  const lost = sourceLost(task, o, m);
  return lost === null ? null : { rule: 'source-lost', why: lost };
}

/** What ends by itself in a moment, or cannot be taken back, is waited for. */
function givesWay({ id, task }: RunningTask, { order }: Memory): boolean {
  return order?.kind === 'reinitialize' && order.cancels === id && givesWayTo.has(task.kind);
}

const givesWayTo: ReadonlySet<TaskKind> = new Set(['clone', 'rewind', 'crash-recovery', 'start', 'restart', 'stop']);

/**
 * The lease is about to end, and what runs may leave PostgreSQL writing after it: an orderly stop without a limit that
 * hangs, a start, a promotion, the creation of a cluster. Ended, so that the stop that the deadline limits comes next.
 */
function outlastsLease(task: RunningTask, o: Observation): boolean {
  const deadline = leaseDeadline(o);
  if (deadline === null || o.now < fastStopAt(deadline)) return false;
  switch (task.task.kind) {
    case 'stop':
      // Nothing that was begun now would end sooner than one whose time is up.
      return task.task.timeout === null || later(task.since, task.task.timeout) > latest(deadline, o.now);
    case 'start':
      return task.task.safety !== undefined;
    case 'restart':
      return task.task.desired.standby === null;
    case 'promote':
    case 'bootstrap':
      return true;
    case 'clone':
    case 'rewind':
    case 'crash-recovery':
    case 'copy-slots':
    case 'end-orphans':
    case 'remove-data':
    case 'set-aside-data':
      return false;
  }
}

/** A server that starts as a primary would write for a moment, and what it wrote be given up. */
function startsPrimary({ task }: RunningTask): boolean {
  return (task.kind === 'restart' || task.kind === 'start') && task.desired.standby === null;
}

/**
 * It was begun before the cluster was made to follow: once the standby has started, whom it is to follow may be a copy of
 * the remote. In a pause nobody is copied.
 */
function followsMember({ task }: RunningTask, o: Observation): boolean {
  const starts = task.kind === 'start' || task.kind === 'restart' || task.kind === 'copy-slots';
  if (!starts || o.dynamic.pause) return false;
  const upstream = task.desired.standby?.upstream ?? null;
  return upstream !== null && whileStarting(o, upstream) === null;
}

/** Does it end with a PostgreSQL that writes, or let one write until it ends? A promotion has its own rule. */
function mayLeaveWriting(task: RunningTask, o: Observation, m: Memory): boolean {
  switch (task.task.kind) {
    case 'start':
      return task.task.safety !== undefined;
    case 'bootstrap':
      return true;
    case 'restart':
      return task.task.desired.standby === null;
    case 'stop':
      // An orderly one serves clients while it writes its checkpoint.
      return task.task.mode === 'fast' && couldWrite(o, m) && !isBeingEnforced(task.task, task.since, o);
    case 'promote':
    case 'clone':
    case 'rewind':
    case 'crash-recovery':
    case 'copy-slots':
    case 'end-orphans':
    case 'remove-data':
    case 'set-aside-data':
      return false;
  }
}

/**
 * The orderly part of a stop is over, and SIGKILL comes no later than from a stop that was begun now. A server that hangs
 * minds nothing less: told anew, it would get the time of an immediate stop once more, after another look at it.
 */
function isBeingEnforced(
  stop: Extract<PostgresTask, { readonly kind: 'stop' }>,
  since: Instant,
  o: Observation,
): boolean {
  const { timeout, checkpointFirst } = stop;
  // When a checkpoint, or the operator's own command, let it begin is not known here.
  if (timeout === null || checkpointFirst || o.effective.beforeStop !== null) return false;
  const orderlyUntil = later(since, timeout);
  return o.now >= orderlyUntil && later(orderlyUntil, timeout) <= later(o.now, hardStopTimeout(o));
}

function isOvertakenPromotion(task: RunningTask, o: Observation, m: Memory): boolean {
  if (task.task.kind !== 'promote') return false;
  return foreignHolder(o) !== null || (heldLock(o) === null && otherLeader(o, m) !== null);
}
