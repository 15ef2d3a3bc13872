import { calibrationRound } from './report/calibration.ts';
import { describeDrawn, describePlan, describeViolation } from './report/describe-run.ts';
import { explain } from './report/explain.ts';
import { addTallies, emptyTally, type Tally, tallyOf } from './report/tally.ts';
import { type RunResult, runSeed } from './run-seed.ts';

/** What `matriarch simulate` was asked: seeds `first` … `first + count - 1`, each of `stride`. */
export type SimulateRequest = {
  readonly first: number;
  readonly count: number;
  /** 1: every seed; J: every J-th, the share of one of J jobs. */
  readonly stride: number;
};

/** What a run must not know by itself: how long it takes. */
export type Stopwatch = {
  /** Do it. @returns the processor time that it took, in ms, too. */
  readonly timed: <T>(work: () => T) => { readonly result: T; readonly tookMs: number };
  /** No further seed is to be begun. */
  readonly isTimeUp: () => boolean;
};

export type SimulateListener = {
  /** After each seed: what all seeds so far came to. */
  readonly progress: (tally: Tally) => void;
  /** A broken promise, told to people. */
  readonly explained: (lines: readonly string[]) => void;
};

/** Run seeds one after the other; the first few violations are run again and explained. */
export function simulate(request: SimulateRequest, stopwatch: Stopwatch, listener: SimulateListener): Tally {
  let tally = emptyTally;
  for (let seed = request.first; seed < request.first + request.count; seed += request.stride) {
    if (stopwatch.isTimeUp()) break;
    const { result, tookMs } = stopwatch.timed(() => runSeed(seed));
    const calibration = stopwatch.timed(calibrate);
    const cost = { runMs: tookMs, calibrationMs: calibration.tookMs, calibrationRounds: CALIBRATION_ROUNDS };
    tally = addTallies(tally, { ...tallyOf(result), cost });
    if (result.kind === 'violation' && tally.violations.length <= EXPLAINED_MAX)
      listener.explained(explain(result.run));
    listener.progress(tally);
  }
  return tally;
}

/** One seed, with everything that happened; what broke is explained after it. */
export function replay(seed: number, write: (line: string) => void): RunResult {
  const result = runSeed(seed, { transcript: 'lines' });
  const { virtualMs, events, hash, recoveryMs } = result.stats;
  describeDrawn(result.run).forEach(write);
  write('planned:');
  describePlan(result.run.plan).forEach(write);
  result.transcript.forEach(write);
  const verdict = result.kind === 'ok' ? 'every promise was kept' : describeViolation(result.violation);
  write(`${seconds(virtualMs)} virtual, ${events} events, well after ${seconds(recoveryMs)}, hash ${hash}: ${verdict}`);
  if (result.kind === 'violation') explain(result.run).forEach(write);
  write(`seed ${seed}`);
  return result;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function calibrate(): void {
  for (let round = 0; round < CALIBRATION_ROUNDS; round += 1) calibrationRound();
}

/** After each seed, so that a rate and what it is compared with come from the same moments. */
const CALIBRATION_ROUNDS = 4;
/** Whoever breaks many promises is told of the first few in full. */
const EXPLAINED_MAX = 3;
