import type { RandomStream } from '../kernel/random-stream.ts';
import type { Settings } from '../world/settings.ts';
import type { Direction, Fault, FaultKind, PlannedFault, Target } from './fault.ts';

/** The faults of a run, drawn before it begins: when and what; who is hit is settled when the moment comes. */
export function drawPlan(
  stream: RandomStream,
  run: { readonly settings: Settings; readonly until: number; readonly meanGapMs: number },
): readonly PlannedFault[] {
  const plan: PlannedFault[] = [];
  // Half of the runs are left alone until there is a cluster.
  let at = stream.chance(0.5) ? 15_000 : 0;
  for (;;) {
    at += stream.between(0, 2 * run.meanGapMs);
    if (at >= run.until || plan.length >= FAULTS_MAX) return plan;
    plan.push({ at, fault: drawFault(stream, run.settings) });
  }
}

function drawFault(stream: RandomStream, settings: Settings): Fault {
  const kind = drawKind(stream);
  const target = drawTarget(stream, settings);
  const span = drawSpanAround(stream, settings.ttl * 1000);
  switch (kind) {
    case 'freeze-agent':
    case 'stall-agent':
    case 'freeze-guardian':
    case 'power-off':
    case 'pause-machine':
    case 'kill-agent':
    case 'stop-agent':
      return { kind, target, span };
    case 'kill-guardian':
    case 'kill-postmaster':
    case 'kill-postgres':
    case 'crash-backend':
      return { kind, target };
    case 'cut-node':
      return {
        kind,
        target,
        span,
        from: stream.pick(['store', 'peers', 'all', 'all'] as const) ?? 'all',
        direction: stream.pick<Direction>(['both', 'both', 'inbound', 'outbound']) ?? 'both',
      };
    case 'stop-store-member':
    case 'store-outage':
    case 'store-refuses':
      return { kind, span };
    case 'move-store-leader':
    case 'compact-store':
    case 'delete-lock-by-hand':
      return { kind };
    case 'lost-replies':
    case 'lost-requests':
      return { kind, span, probability: stream.between(0.05, 0.6) };
    case 'slow-store':
      return { kind, span, extraMs: stream.between(20, 1500) };
    case 'switchover':
      return { kind, candidate: stream.chance(0.5) ? 'any' : stream.integer(0, settings.nodes - 1) };
  }
}

function drawKind(stream: RandomStream): FaultKind {
  const total = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  let left = stream.between(0, total);
  for (const [kind, weight] of WEIGHTS) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'freeze-agent';
}

function drawTarget(stream: RandomStream, settings: Settings): Target {
  return stream.chance(0.5) ? 'leader' : stream.integer(0, settings.nodes - 1);
}

/** Spans shorter and longer than the lease are where the interesting moments are. */
function drawSpanAround(stream: RandomStream, ttlMs: number): number {
  return ttlMs * (stream.pick([0.05, 0.3, 0.7, 1, 1.3, 2, 3]) ?? 1) * stream.between(0.7, 1.3);
}

const WEIGHTS: readonly (readonly [FaultKind, number])[] = [
  ['freeze-agent', 10],
  ['stall-agent', 4],
  ['kill-agent', 8],
  ['stop-agent', 4],
  ['kill-guardian', 4],
  ['freeze-guardian', 4],
  ['kill-postmaster', 8],
  ['kill-postgres', 6],
  ['crash-backend', 5],
  ['power-off', 10],
  ['pause-machine', 2],
  ['cut-node', 14],
  ['stop-store-member', 6],
  ['store-outage', 4],
  ['move-store-leader', 6],
  ['compact-store', 2],
  ['lost-replies', 5],
  ['lost-requests', 4],
  ['slow-store', 4],
  ['store-refuses', 2],
  ['delete-lock-by-hand', 1],
  ['switchover', 8],
];

const FAULTS_MAX = 100;
