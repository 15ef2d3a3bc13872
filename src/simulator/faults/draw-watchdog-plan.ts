import type { RandomStream } from '../kernel/random-stream.ts';
import type { Settings } from '../world/settings.ts';
import type { Fault, PlannedFault, Target } from './fault.ts';

/**
 * What only a watchdog covers, and what befalls the watchdog itself; in runs that have one. @param stream its own: the
 * other faults of a seed stay as they are.
 */
export function drawWatchdogPlan(
  stream: RandomStream,
  run: { readonly settings: Settings; readonly until: number },
): readonly PlannedFault[] {
  if (run.settings.watchdog.mode === 'off') return [];
  const plan: PlannedFault[] = [];
  for (let at = stream.between(0, 2 * MEAN_GAP_MS); at < run.until; at += stream.between(0, 2 * MEAN_GAP_MS)) {
    plan.push({ at, fault: draw(stream, run.settings) });
  }
  return plan;
}

function draw(stream: RandomStream, settings: Settings): Fault {
  const target: Target = stream.chance(0.6) ? 'leader' : stream.integer(0, settings.nodes - 1);
  const span = settings.ttl * 1000 * stream.between(0.2, 3);
  return { kind: stream.pick(KINDS) ?? 'freeze-both', target, span };
}

const KINDS = ['freeze-both', 'freeze-both', 'kill-both', 'break-watchdog'] as const;
const MEAN_GAP_MS = 60_000;
