import { faultsIn, speedOf, type Tally } from '../simulator/report/tally.ts';

/** How far the seeds are: one line that is rewritten on a terminal, a new line every few seconds elsewhere. */
export function progressOn(output: NodeJS.WriteStream, seeds: number): Progress {
  const began = performance.now();
  const every = output.isTTY ? REWRITE_MS : LINE_MS;
  let writtenAt = began;
  const clear = output.isTTY ? '\r\u001b[K' : '';
  return {
    update: (tally) => {
      const now = performance.now();
      if (now - writtenAt < every) return;
      writtenAt = now;
      const rate = (tally.seeds * 1000) / (now - began);
      const of = seeds < SEEDS_UNLIMITED ? ` of ${seeds}` : '';
      const line = `${tally.seeds}${of} seeds, ${rate.toFixed(1)}/s, ${violationsIn(tally)} so far`;
      output.write(output.isTTY ? `${clear}${line}` : `${line}\n`);
    },
    around: (print) => {
      output.write(clear);
      print();
    },
    end: () => output.write(clear),
  };
}

export type Progress = {
  readonly update: (tally: Tally) => void;
  /** Print something else without mixing it with the line. */
  readonly around: (print: () => void) => void;
  readonly end: () => void;
};

/** What all seeds came to, for people. */
export function summaryLines(tally: Tally, tookMs: number): readonly string[] {
  const faults = byKind(tally).toSorted(([, many], [, more]) => more - many);
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  const rate = ((tally.seeds * 1000) / tookMs).toFixed(1);
  const speed = speedOf(tally);
  return [
    `${tally.seeds} seeds, ${hoursIn(tally).toFixed(2)} simulated hours, ${tally.promotions} promotions, ` +
      `${tally.events} events in ${took}: ${rate} seeds/s`,
    `one core: ${speed.hoursPerMinute.toFixed(0)} simulated hours and ${speed.faultsPerMinute.toFixed(0)} faults a minute; ` +
      `${speed.hoursPerThousandRounds.toFixed(2)} hours in 1000 rounds of calibration (${speed.roundMs.toFixed(2)} ms each)`,
    `${faultsIn(tally)} faults: ${faults.map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    ...tally.violations.map(({ seed, checker }) => `violation: seed ${seed}, ${checker}`),
    violationsIn(tally),
  ];
}

/** The same for a record (docs/simulation.md). */
export function summaryRecord(
  tally: Tally,
  how: { readonly first: number; readonly jobs: number; readonly tookMs: number },
): object {
  const { seeds, promotions, events, violations } = tally;
  return {
    firstSeed: how.first,
    seeds,
    simulatedHours: Number(hoursIn(tally).toFixed(2)),
    promotions,
    events,
    faultsInjected: faultsIn(tally),
    faults: Object.fromEntries(byKind(tally)),
    violations,
    speed: speedOf(tally),
    node: process.version,
    jobs: how.jobs,
    tookSeconds: Number((how.tookMs / 1000).toFixed(1)),
  };
}

function byKind(tally: Tally): readonly (readonly [string, number])[] {
  return Object.entries(tally.faults).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function violationsIn(tally: Tally): string {
  const count = tally.violations.length;
  return count === 0 ? 'no violation' : count === 1 ? '1 violation' : `${count} violations`;
}

function hoursIn(tally: Tally): number {
  return tally.virtualMs / 3_600_000;
}

/** As good as no limit: the time is one. */
const SEEDS_UNLIMITED = 100_000_000;
const REWRITE_MS = 200;
const LINE_MS = 5000;
