import { mayEverLead } from '../domain/tags.ts';
import { drawMix } from './faults/draw-fault.ts';
import { drawOrders } from './faults/draw-order.ts';
import { drawPlan } from './faults/draw-plan.ts';
import { drawRemotePlan } from './faults/draw-remote-plan.ts';
import { drawSituations } from './faults/draw-situations.ts';
import { drawWatchdogPlan } from './faults/draw-watchdog-plan.ts';
import type { PlannedFault } from './faults/fault.ts';
import { RandomStream } from './kernel/random-stream.ts';
import { drawSettings, drawSlots, drawSynchronous } from './world/draw-settings.ts';
import { drawWatchdog } from './world/draw-watchdog.ts';
import { placeOf } from './world/network.ts';
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
  const watchdog = drawWatchdog(new RandomStream(seed, 'watchdog'), drawn);
  const modes = new RandomStream(seed, 'synchronous');
  const isSynchronous = modes.chance(0.5);
  const alone = { ...drawn, slots, watchdog, ...(isSynchronous && { synchronous: drawSynchronous(modes) }) };
  const settings = inCompany(alone, new RandomStream(seed, 'company'));
  const until = new RandomStream(seed, 'length').between(SHORTEST_MS, LONGEST_MS);
  const mix = drawMix(new RandomStream(seed, 'mix'));
  const planned = [
    ...drawPlan(new RandomStream(seed, 'plan'), { settings, until, mix }),
    ...drawWatchdogPlan(new RandomStream(seed, 'watchdog plan'), { settings, until }),
    ...drawOrders(new RandomStream(seed, 'orders'), until),
    ...drawSituations(new RandomStream(seed, 'situations'), { settings, until }),
    ...(settings.standbyCluster ? drawRemotePlan(new RandomStream(seed, 'remote'), until) : []),
    ...(isSynchronous ? [...modeChanges(modes, until), ...deathsBesideLaggards(modes, { settings, until })] : []),
    ...(isSynchronous ? lastStandbysLag(new RandomStream(seed, 'last standbys'), { settings, until }) : []),
  ].toSorted((a, b) => a.at - b.at);
  // A backup from before a demotion tells of timelines that were rewound since: for a person (docs/faults.md).
  const plan = settings.standbyCluster ? planned.filter(({ fault }) => fault.kind !== 'restore-store') : planned;
  return { seed, settings, until, plan: plan.map((each) => keptOut(each, settings)) };
}

/**
 * Whom its file keeps from leading stays kept from it. A leader for a while may afterwards be the only one with what was
 * written: more than `maximum_lag_on_failover` ahead of the others, or all that the sync key names. Who leads then is for a
 * person (docs/faults.md).
 */
function keptOut({ at, fault }: PlannedFault, { tags }: Settings): PlannedFault {
  if (fault.kind !== 'restart-with-file' || typeof fault.target !== 'number') return { at, fault };
  const [own, lifted] = [tags[placeOf(fault.target)] ?? {}, fault.file.tags];
  if (mayEverLead(own) || lifted === undefined || !mayEverLead(lifted)) return { at, fault };
  return { at, fault: { ...fault, file: { ...fault.file, tags: { ...lifted, nofailover: true } } } };
}

/** An operator changes the mode now and then, at whatever moment. */
function modeChanges(stream: RandomStream, until: number): readonly PlannedFault[] {
  return Array.from({ length: stream.integer(0, MODE_CHANGES_MAX) }, (): PlannedFault => {
    const at = stream.between(FIRST_CHANGE_MS, until);
    return { at, fault: { kind: 'change-sync-mode', of: 'leader', ...drawSynchronous(stream) } };
  });
}

/** What the modes are for: the leader dies while a standby lags behind the others, cut off from them but not from the store. */
function deathsBesideLaggards(
  stream: RandomStream,
  run: { readonly settings: Settings; readonly until: number },
): readonly PlannedFault[] {
  const deaths = Array.from({ length: stream.integer(0, DEATHS_MAX) }, (): readonly PlannedFault[] => {
    const at = stream.between(FIRST_CHANGE_MS, run.until);
    const span = run.settings.ttl * 1000 * stream.between(1.5, 3);
    const target = stream.integer(0, run.settings.nodes - 1);
    const dies = at + stream.between(200, 8_000);
    return [
      { at, fault: { kind: 'cut-node', target, span, from: 'peers', direction: 'both' } },
      { at: dies, fault: { kind: 'power-off', target: 'leader', span } },
    ];
  });
  return deaths.flat();
}

/** Of two standbys one is cut off and looks connected, the other one dies: nobody is left who has what was acknowledged. */
function lastStandbysLag(
  stream: RandomStream,
  run: { readonly settings: Settings; readonly until: number },
): readonly PlannedFault[] {
  const times = Array.from({ length: stream.integer(0, DEATHS_MAX) }, (): readonly PlannedFault[] => {
    const at = stream.between(FIRST_CHANGE_MS, run.until);
    const span = run.settings.ttl * 1000 * stream.between(1.5, 3);
    const lagging = stream.integer(0, run.settings.nodes - 1);
    const dying = (lagging + stream.integer(1, Math.max(1, run.settings.nodes - 1))) % run.settings.nodes;
    return [
      { at, fault: { kind: 'cut-node', target: lagging, span, from: 'peers', direction: 'both' } },
      { at: at + stream.between(200, 3_000), fault: { kind: 'power-off', target: dying, span } },
    ];
  });
  return times.flat();
}

const DEATHS_MAX = 3;
const MODE_CHANGES_MAX = 4;
const FIRST_CHANGE_MS = 20_000;

/** Some clusters follow another one. What such a one writes while it goes its own way has to be rewound, or copied anew. */
function inCompany(settings: Settings, stream: RandomStream): Settings {
  if (!stream.chance(0.1)) return settings;
  // Its logical slots are dropped when it begins to follow, as they should be.
  const remoteSlot = stream.chance(0.5);
  return { ...settings, slots: {}, standbyCluster: true, remoteSlot, usePgRewind: true, removeDataOnDivergence: true };
}

const MINUTE_MS = 60_000;
const SHORTEST_MS = 10 * MINUTE_MS;
const LONGEST_MS = 10.5 * MINUTE_MS;
