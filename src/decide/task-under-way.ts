import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { RunningTask, TaskKind } from '../domain/task.ts';
import { conclude, wait } from './conclude.ts';
import { heldLock, otherLeader } from './facts.ts';

const pointlessWhenLeaving: ReadonlySet<TaskKind> = new Set(['bootstrap', 'clone', 'rewind', 'crash-recovery']);

/** A long task runs: wait for it, or is it pointless by now? The guardian keeps the deadline meanwhile. */
export function taskUnderWay(o: Observation, m: Memory): Decision | null {
  const task = o.task;
  if (task === null) return null;
  if (!task.cancelling) {
    if (m.leaving !== null && pointlessWhenLeaving.has(task.task.kind)) {
      return conclude('task-pointless', { kind: 'cancel-task', why: 'the agent leaves' }, { task: task.task.kind });
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

function isOvertakenPromotion(task: RunningTask, o: Observation, m: Memory): boolean {
  return task.task.kind === 'promote' && heldLock(o) === null && otherLeader(o, m) !== null;
}
