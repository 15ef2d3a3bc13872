import type { Violation } from './checkers/checker.ts';
import { type DrawnRun, drawRun } from './drawn-run.ts';
import { describeFault, type PlannedFault } from './faults/fault.ts';
import { FaultInjector } from './faults/fault-injector.ts';
import type { Machines } from './node/machines.ts';
import { productionMachines } from './node/production-machines.ts';
import { type Watch, watchWorld } from './watch-world.ts';
import { World } from './world/world.ts';

export type RunStats = {
  readonly virtualMs: number;
  readonly events: number;
  readonly promotions: number;
  /** From the end of the faults until everybody streamed again. */
  readonly recoveryMs: number;
  /** Over everything that happened: two runs of one seed agree. */
  readonly hash: string;
};

export type RunResult = {
  readonly run: DrawnRun;
  readonly stats: RunStats;
  /** The faults of the plan that really happened. */
  readonly happened: readonly PlannedFault[];
  /** Empty unless asked for. */
  readonly transcript: readonly string[];
} & ({ readonly kind: 'ok' } | { readonly kind: 'violation'; readonly violation: Violation });

export type RunOptions = { readonly transcript?: 'lines' | 'hash-only'; readonly machines?: Machines };

/** One run, a function of its seed. */
export function runSeed(seed: number, options: RunOptions = {}): RunResult {
  return playRun(drawRun(seed), options);
}

/**
 * A drawn world, drawn faults with every promise watched, then no more faults and a bounded time to be well again.
 */
export function playRun(run: DrawnRun, options: RunOptions = {}): RunResult {
  const { seed, settings, plan, until } = run;
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
    promotions: watch.promotions(),
    recoveryMs,
    hash: world.kernel.transcript.hash,
  };
  const violation = watch.violation();
  const common = { run, stats, happened: injector.happened, transcript: world.kernel.transcript.lines };
  return violation === null ? { kind: 'ok', ...common } : { kind: 'violation', ...common, violation };
}

/** As lines for people: what was drawn, what broke, and what led to it. */
export function describeViolation(result: Extract<RunResult, { readonly kind: 'violation' }>): readonly string[] {
  const { violation, run, transcript } = result;
  const { seed, settings, plan } = run;
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
