import type { Violation } from './checkers/checker.ts';
import { type DrawnRun, drawRun } from './drawn-run.ts';
import type { PlannedFault } from './faults/fault.ts';
import { FaultInjector } from './faults/fault-injector.ts';
import type { Machines } from './node/machines.ts';
import { productionMachines } from './node/production-machines.ts';
import { awaitRecovery } from './recovery.ts';
import { sealed } from './seal.ts';
import { watchWorld } from './watch-world.ts';
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
  return sealed(() => play(run, options));
}

function play(run: DrawnRun, options: RunOptions): RunResult {
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
    recoveryMs = awaitRecovery(world, watch);
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
