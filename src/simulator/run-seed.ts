import type { Violation } from './checkers/checker.ts';
import { drawPlan } from './faults/draw-plan.ts';
import { describeFault, type PlannedFault } from './faults/fault.ts';
import { FaultInjector } from './faults/fault-injector.ts';
import { RandomStream } from './kernel/random-stream.ts';
import type { Machines } from './node/machines.ts';
import { productionMachines } from './node/production-machines.ts';
import { type Watch, watchWorld } from './watch-world.ts';
import { drawSettings, type Settings } from './world/settings.ts';
import { World } from './world/world.ts';

export type RunStats = {
  readonly virtualMs: number;
  readonly events: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly promotions: number;
  /** From the end of the faults until everybody streamed again. */
  readonly recoveryMs: number;
  /** Over everything that happened: two runs of one seed agree. */
  readonly hash: string;
};

export type RunResult = { readonly seed: number; readonly settings: Settings; readonly stats: RunStats } & (
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'violation';
      readonly violation: Violation;
      readonly plan: readonly PlannedFault[];
      /** Empty unless asked for. */
      readonly transcript: readonly string[];
    }
);

/**
 * One run: a drawn world, drawn faults with every promise watched, then no more faults and a bounded time to be well
 * again. A function of its seed.
 */
export function runSeed(
  seed: number,
  options: { readonly transcript?: 'lines' | 'hash-only'; readonly machines?: Machines } = {},
): RunResult {
  const settings = drawSettings(new RandomStream(seed, 'settings'));
  const stream = new RandomStream(seed, 'plan');
  const until = stream.between(40_000, 120_000);
  const plan = drawPlan(stream, { settings, until, meanGapMs: stream.pick([2000, 5000, 10_000]) ?? 5000 });
  const world = new World({
    seed,
    settings,
    machines: options.machines ?? productionMachines,
    transcript: options.transcript ?? 'hash-only',
  });
  const watch = watchWorld(world);
  const injector = new FaultInjector(world);
  injector.schedule(plan);
  world.start();
  world.kernel.run(until);
  let recoveryMs = 0;
  if (watch.violation() === null) {
    injector.endAll();
    recoveryMs = recover(world, watch);
    watch.end();
  }
  const stats: RunStats = {
    virtualMs: world.kernel.now,
    events: world.kernel.delivered,
    faults: injector.injected,
    promotions: watch.promotions(),
    recoveryMs,
    hash: world.kernel.transcript.hash,
  };
  const violation = watch.violation();
  if (violation === null) return { kind: 'ok', seed, settings, stats };
  return { kind: 'violation', seed, settings, stats, violation, plan, transcript: world.kernel.transcript.lines };
}

/** As lines for people: what was drawn, what broke, and what led to it. */
export function describeViolation(result: Extract<RunResult, { readonly kind: 'violation' }>): readonly string[] {
  const { violation, plan, transcript, seed, settings } = result;
  const at = (time: number): string => `${(time / 1000).toFixed(3)} s`;
  return [
    `seed ${seed}: ${violation.checker} violated at ${at(violation.at)}: ${violation.message}`,
    `drawn: ${JSON.stringify(settings)}`,
    ...plan.filter((each) => each.at <= violation.at).map((each) => `  ${at(each.at)}  ${describeFault(each.fault)}`),
    ...transcript,
  ];
}

/** Until the cluster is well and stays so for a moment, or the bound has passed. */
function recover(world: World, watch: Watch): number {
  const { kernel, settings } = world;
  const began = kernel.now;
  const bound = began + RECOVERY_BOUND_MS + RECOVERY_LEASES * settings.ttl * 1000;
  let wellSince: number | null = null;
  while (kernel.now < bound && watch.violation() === null) {
    kernel.run(kernel.now + SAMPLE_MS);
    wellSince = world.isHealthy() ? (wellSince ?? kernel.now) : null;
    if (wellSince !== null && kernel.now - wellSince >= STAYS_WELL_MS) return wellSince - began;
  }
  const state = world.nodes.map((node) => {
    const { postgres } = node;
    return `${node.place} ${postgres.server.kind} (${postgres.directory.kind}, timeline ${postgres.branch?.timeline ?? '-'})`;
  });
  const message = `${(bound - began) / 1000} s after the faults: lock ${world.lockHolder() ?? 'free'}; ${state.join(', ')}`;
  watch.report({ checker: 'recovers-after-faults', at: kernel.now, message });
  return bound - began;
}

const SAMPLE_MS = 100;
const STAYS_WELL_MS = 3000;
const RECOVERY_BOUND_MS = 120_000;
const RECOVERY_LEASES = 4;
