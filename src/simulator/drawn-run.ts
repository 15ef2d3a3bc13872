import { drawPlan } from './faults/draw-plan.ts';
import type { PlannedFault } from './faults/fault.ts';
import { RandomStream } from './kernel/random-stream.ts';
import { drawSettings } from './world/draw-settings.ts';
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
  const settings = inCompany(drawSettings(new RandomStream(seed, 'settings')), new RandomStream(seed, 'company'));
  const until = new RandomStream(seed, 'length').between(SHORTEST_MS, LONGEST_MS);
  const drawn = drawPlan(new RandomStream(seed, 'plan'), { settings, until });
  // A backup from before a demotion tells of timelines that were rewound since: for a person (docs/faults.md).
  const plan = settings.standbyCluster ? drawn.filter(({ fault }) => fault.kind !== 'restore-store') : drawn;
  return { seed, settings, until, plan };
}

/** Some clusters follow another one. What such a one writes while it goes its own way has to be rewound, or copied anew. */
function inCompany(settings: Settings, stream: RandomStream): Settings {
  if (!stream.chance(0.1)) return settings;
  return { ...settings, standbyCluster: true, usePgRewind: true, removeDataOnDivergence: true };
}

const MINUTE_MS = 60_000;
const SHORTEST_MS = 10 * MINUTE_MS;
const LONGEST_MS = 10.5 * MINUTE_MS;
