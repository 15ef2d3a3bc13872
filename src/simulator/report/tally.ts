import type { RunResult } from '../run-seed.ts';

/** What many runs came to. Plain data, so that jobs can send it to each other as JSON. */
export type Tally = {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly promotions: number;
  /** How often each kind of fault really happened. */
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly { readonly seed: number; readonly checker: string }[];
  readonly cost: Cost;
};

/** Processor time: of the runs, and of a fixed piece of work done between them. */
export type Cost = { readonly runMs: number; readonly calibrationMs: number; readonly calibrationRounds: number };

const noCost: Cost = { runMs: 0, calibrationMs: 0, calibrationRounds: 0 };

export const emptyTally: Tally = {
  seeds: 0,
  virtualMs: 0,
  events: 0,
  promotions: 0,
  faults: {},
  violations: [],
  cost: noCost,
};

export function tallyOf(result: RunResult): Tally {
  const faults: Record<string, number> = {};
  for (const { fault } of result.happened) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
  const { virtualMs, events, promotions } = result.stats;
  const violations = result.kind === 'ok' ? [] : [{ seed: result.run.seed, checker: result.violation.checker }];
  return { seeds: 1, virtualMs, events, promotions, faults, violations, cost: noCost };
}

/** Violations in the order of their seeds, whoever found them first. */
export function addTallies(a: Tally, b: Tally): Tally {
  const faults: Record<string, number> = { ...a.faults };
  for (const [kind, count] of Object.entries(b.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    seeds: a.seeds + b.seeds,
    virtualMs: a.virtualMs + b.virtualMs,
    events: a.events + b.events,
    promotions: a.promotions + b.promotions,
    faults,
    violations: [...a.violations, ...b.violations].toSorted((one, other) => one.seed - other.seed),
    cost: {
      runMs: a.cost.runMs + b.cost.runMs,
      calibrationMs: a.cost.calibrationMs + b.cost.calibrationMs,
      calibrationRounds: a.cost.calibrationRounds + b.cost.calibrationRounds,
    },
  };
}

export function faultsIn(tally: Tally): number {
  return Object.values(tally.faults).reduce((sum, count) => sum + count, 0);
}

export type Speed = {
  readonly hoursPerMinute: number;
  readonly faultsPerMinute: number;
  /** Simulated hours in the time of a thousand rounds of calibration: what remains when the machine is another. */
  readonly hoursPerThousandRounds: number;
  readonly roundMs: number;
};

/** What one core does in a minute. */
export function speedOf(tally: Tally): Speed {
  const { runMs, calibrationMs, calibrationRounds } = tally.cost;
  const hours = tally.virtualMs / 3_600_000;
  const roundMs = calibrationMs / calibrationRounds;
  return {
    hoursPerMinute: (hours / runMs) * 60_000,
    faultsPerMinute: (faultsIn(tally) / runMs) * 60_000,
    hoursPerThousandRounds: (hours / runMs) * roundMs * 1000,
    roundMs,
  };
}
