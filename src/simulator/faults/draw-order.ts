import type { RandomStream } from '../kernel/random-stream.ts';
import type { OperatorAct, PlannedFault, Target } from './fault.ts';

/** Restarts and new copies that people order, from a stream of their own: at any moment, and a few in a run. */
export function drawOrders(stream: RandomStream, until: number): readonly PlannedFault[] {
  const plan: PlannedFault[] = [];
  const next = (after: number): number => after + stream.between(0, 2 * MEAN_GAP_MS);
  for (let at = next(0); at < until && plan.length < ORDERS_MAX; at = next(at))
    plan.push({ at, fault: drawOrder(stream) });
  return plan;
}

/** Of one member, now or some time ahead. */
function drawOrder(stream: RandomStream): OperatorAct {
  const of: Target = stream.chance(0.4) ? 'leader' : stream.integer(0, NODES_MAX - 1);
  const dice = stream.between(0, 1);
  if (dice < 0.4) return { kind: 'restart', of };
  if (dice < 0.6) return { kind: 'schedule-restart', of, ahead: stream.between(0, AHEAD_MAX_MS) };
  if (dice < 0.65) return { kind: 'cancel-restart', of };
  return { kind: 'reinitialize', of, force: stream.chance(0.5) };
}

const MEAN_GAP_MS = 90_000;
const ORDERS_MAX = 20;
const AHEAD_MAX_MS = 60_000;
/** A number beyond the last node is nobody, and nothing happens. */
const NODES_MAX = 3;
