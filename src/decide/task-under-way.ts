import type { Decision } from '../domain/decision.ts';
import { fastStopAt } from '../domain/fencing.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { RunningTask, TaskKind } from '../domain/task.ts';
import { later } from '../domain/time.ts';
import { conclude, wait } from './conclude.ts';
import { heldLock, otherLeader } from './facts.ts';
import { leaseDeadline } from './store-loss.ts';

const pointlessWhenLeaving: ReadonlySet<TaskKind> = new Set(['bootstrap', 'clone', 'rewind', 'crash-recovery']);

/** A long task runs: wait for it, or is it pointless by now? The guardian keeps the deadline meanwhile. */
export function taskUnderWay(o: Observation, m: Memory): Decision | null {
  const task = o.task;
  if (task === null) return null;
  if (!task.cancelling) {
    if (m.leaving !== null && pointlessWhenLeaving.has(task.task.kind)) {
      return conclude('task-pointless', { kind: 'cancel-task', why: 'the agent leaves' }, { task: task.task.kind });
    }
    if (outlastsLease(task, o)) {
      return conclude('task-outlasts-lease', { kind: 'cancel-task', why: 'the lease ends' }, { task: task.task.kind });
    }
    if (isOvertakenPromotion(task, o, m)) {
      return conclude(
        'promotion-overtaken',
        { kind: 'cancel-task', why: 'the lock was lost' },
        { task: task.task.kind },
      );
    }
  }
  return wait('task-under-way', task.task.kind, null, { task: task.task.kind, note: task.note });
}

/**
 * The lease is about to end, and what runs may leave PostgreSQL writing after it: an orderly stop without a limit that
 * hangs, a start, a promotion. Ended, so that the stop that the deadline limits comes next.
 */
function outlastsLease(task: RunningTask, o: Observation): boolean {
  const deadline = leaseDeadline(o);
  if (deadline === null || o.now < fastStopAt(deadline)) return false;
  switch (task.task.kind) {
    case 'stop':
      return task.task.timeout === null || later(task.since, task.task.timeout) > deadline;
    case 'start':
      return task.task.safety !== undefined;
    case 'promote':
    case 'restart':
      return true;
    case 'bootstrap':
    case 'clone':
    case 'rewind':
    case 'crash-recovery':
    case 'end-orphans':
    case 'remove-data':
    case 'set-aside-data':
      return false;
  }
}

function isOvertakenPromotion(task: RunningTask, o: Observation, m: Memory): boolean {
  return task.task.kind === 'promote' && heldLock(o) === null && otherLeader(o, m) !== null;
}
