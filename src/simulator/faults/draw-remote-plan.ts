import type { RandomStream } from '../kernel/random-stream.ts';
import type { PlannedFault, RemoteFault } from './fault.ts';

/** What befalls a cluster because it follows another one; from a stream of its own. */
export function drawRemotePlan(stream: RandomStream, until: number): readonly PlannedFault[] {
  const plan: PlannedFault[] = [];
  const gap = (): number => stream.between(GAP_MIN_MS, GAP_MAX_MS);
  for (let at = gap(); at < until; at += gap())
    plan.push({ at, fault: stream.pick(FAULTS) ?? { kind: 'part-or-follow' } });
  return plan;
}

const FAULTS: readonly RemoteFault[] = [
  { kind: 'remote-dies', span: 25_000 },
  { kind: 'remote-fails-over' },
  { kind: 'part-or-follow' },
  { kind: 'part-or-follow' },
];
const GAP_MIN_MS = 20_000;
const GAP_MAX_MS = 180_000;
