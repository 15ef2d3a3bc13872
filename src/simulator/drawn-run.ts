import { drawPlan } from './faults/draw-plan.ts';
import { drawWatchdogPlan } from './faults/draw-watchdog-plan.ts';
import type { PlannedFault } from './faults/fault.ts';
import { RandomStream } from './kernel/random-stream.ts';
import { drawSettings, drawSlots } from './world/draw-settings.ts';
import { drawWatchdog } from './world/draw-watchdog.ts';
import type { Settings } from './world/settings.ts';

/** What is settled before a run begins. Whatever chance decides while it goes on comes from the same seed. */
export type DrawnRun = {
  readonly seed: number;
  readonly settings: Settings;
  /** Virtual milliseconds until the faults are over and the cluster has to recover. */
  readonly until: number;
  readonly plan: readonly PlannedFault[];
};

/** Each part has a stream of its own, so that a new parameter does not change the faults. */
export function drawRun(seed: number): DrawnRun {
  const drawn = drawSettings(new RandomStream(seed, 'settings'));
  const slots = drawSlots(new RandomStream(seed, 'slots'));
  const settings = { ...drawn, slots, watchdog: drawWatchdog(new RandomStream(seed, 'watchdog'), drawn) };
  const until = new RandomStream(seed, 'length').between(SHORTEST_MS, LONGEST_MS);
  const plan = [
    ...drawPlan(new RandomStream(seed, 'plan'), { settings, until }),
    ...drawWatchdogPlan(new RandomStream(seed, 'watchdog plan'), { settings, until }),
  ].toSorted((a, b) => a.at - b.at);
  return { seed, settings, until, plan };
}

const MINUTE_MS = 60_000;
const SHORTEST_MS = 10 * MINUTE_MS;
const LONGEST_MS = 10.5 * MINUTE_MS;
