import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { RestartEnd } from '../domain/orders.ts';
import { heldLock, otherLeader } from './facts.ts';
import type { End } from './happening.ts';
import { scheduleStands } from './ordered-restart.ts';
import type { RuleId } from './rules.ts';

type Orders = Pick<Memory, 'order' | 'restartEnd' | 'scheduledRestart'>;

const restarts: ReadonlySet<string> = new Set<RuleId>(['restart-ordered', 'restart-scheduled']);

/** What is about to be done of it. A scheduled restart is tried once, whatever comes of it. */
export function beginOrder(m: Memory, decision: Decision): Orders {
  const { order, restartEnd, scheduledRestart } = m;
  const isOrdered = decision.rule === 'restart-ordered' && order?.kind === 'restart';
  return {
    order: isOrdered ? { ...order, begun: true } : order,
    restartEnd,
    scheduledRestart: restarts.has(decision.rule) ? null : scheduledRestart,
  };
}

/** A copy is ordered until it lies here and runs; a restart is over when it ended. */
export function endOrder(m: Memory, decision: Decision, end: End): Orders {
  const { order, restartEnd, scheduledRestart } = m;
  const kept = { order, restartEnd, scheduledRestart };
  if (decision.rule === 'restart-ordered' && order?.kind === 'restart')
    return { ...kept, order: null, restartEnd: { request: order.request, end: restartEndOf(end) } };
  const isCopied = decision.rule === 'reinitialize-copy' && order?.kind === 'reinitialize' && end.kind === 'done';
  return isCopied ? { ...kept, order: { ...order, stage: 'copied' } } : kept;
}

/** A new look, or a new picture: what nothing can come of any more is dropped. */
export function keepOrders(m: Memory, o: Observation): Pick<Memory, 'order' | 'scheduledRestart'> {
  const { order, scheduledRestart } = m;
  const isVoid = scheduledRestart !== null && scheduleStands(o, m, scheduledRestart) === 'void';
  return { order: isOver(m, o) ? null : order, scheduledRestart: isVoid ? null : scheduledRestart };
}

/** A copy is made of a leader, for somebody who does not lead; and it is there once what was copied runs. */
function isOver(m: Memory, o: Observation): boolean {
  const { order } = m;
  if (order === null) return false;
  if (order.kind === 'restart') return !order.begun && o.now >= order.until;
  if (o.task !== null) return false;
  if (heldLock(o) !== null || otherLeader(o, m) === null) return true;
  const server = o.postgres?.server.kind;
  return order.stage === 'copied' && o.postgresIsCurrent && (server === 'standby' || server === 'primary');
}

function restartEndOf(end: End): RestartEnd {
  if (end.kind === 'done') return 'done';
  return end.late === true ? 'late' : 'failed';
}
