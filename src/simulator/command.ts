import { describeViolation, type RunResult, runSeed } from './run-seed.ts';

/** What `matriarch simulate` was asked: seeds `first` … `first + count - 1`, each of `stride`. */
export type SimulateRequest = {
  readonly first: number;
  readonly count: number;
  /** 1: every seed; J: every J-th, the share of one of J jobs. */
  readonly stride: number;
};

export type SimulateSummary = {
  readonly seeds: number;
  readonly violations: readonly { readonly seed: number; readonly checker: string }[];
  readonly virtualMs: number;
  readonly events: number;
  readonly faults: number;
};

/**
 * Run seeds one after the other. A violation is run again with a readable transcript, which `write` gets line by line;
 * the seed is its first and its last line.
 */
export function simulate(request: SimulateRequest, write: (line: string) => void): SimulateSummary {
  const violations: { seed: number; checker: string }[] = [];
  let virtualMs = 0;
  let events = 0;
  let faults = 0;
  let seeds = 0;
  for (let seed = request.first; seed < request.first + request.count; seed += request.stride) {
    const result = runSeed(seed);
    seeds += 1;
    virtualMs += result.stats.virtualMs;
    events += result.stats.events;
    for (const count of result.stats.faults.values()) faults += count;
    if (result.kind === 'violation') {
      violations.push({ seed, checker: result.violation.checker });
      if (violations.length <= TRANSCRIPTS_MAX) writeAgain(seed, write);
    }
  }
  return { seeds, violations, virtualMs, events, faults };
}

/** One seed, with everything that happened. */
export function replay(seed: number, write: (line: string) => void): RunResult {
  const result = runSeed(seed, { transcript: 'lines' });
  write(`seed ${seed}`);
  if (result.kind === 'violation') describeViolation(result).forEach((line) => write(line));
  const { virtualMs, events, hash, recoveryMs } = result.stats;
  write(
    `${result.kind}: ${seconds(virtualMs)} virtual, ${events} events, well after ${seconds(recoveryMs)}, hash ${hash}`,
  );
  write(`seed ${seed}`);
  return result;
}

function writeAgain(seed: number, write: (line: string) => void): void {
  replay(seed, write);
  write(`again with: matriarch simulate --seed ${seed}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Whoever breaks many promises is told of the first few in full. */
const TRANSCRIPTS_MAX = 3;
