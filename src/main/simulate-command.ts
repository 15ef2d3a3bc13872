import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SimulateListener, SimulateRequest } from '../simulator/command.ts';
import type { Tally } from '../simulator/report/tally.ts';
import { progressOn, summaryLines, summaryRecord } from './simulate-summary.ts';
import { stopwatch } from './stopwatch.ts';

/** `simulate`: the production machines in a simulated world, one drawn disaster per seed. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('run the agent in a simulated world, with faults and checkers')
    .option('--seed <number>', 'replay exactly this seed, with everything that happens', whole)
    .option('--seeds <count>', 'how many seeds to run (100, without --minutes)', whole)
    .option('--minutes <minutes>', 'begin no further seed after that time', whole)
    .option('--from <number>', 'the first of them', whole, 1)
    .option('--jobs <count>', 'processes to share them among', whole, 1)
    .option('--summary <file>', 'write what the seeds came to as JSON')
    .addOption(new Option('--stride <count>').argParser(whole).default(1).hideHelp())
    .addOption(new Option('--as-job').default(false).hideHelp())
    .action(async (options: Given) => {
      process.exitCode = await run(options);
    });
}

type Given = {
  readonly seed?: number;
  readonly seeds?: number;
  readonly minutes?: number;
  readonly from: number;
  readonly jobs: number;
  readonly summary?: string;
  /** The share of one job: every so-manieth seed, told to the parent. */
  readonly stride: number;
  readonly asJob: boolean;
};

/** @returns the exit status: 1 when a promise was broken. */
async function run(options: Given): Promise<number> {
  if (options.seed !== undefined) {
    const { replay } = await import('../simulator/command.ts');
    return replay(options.seed, print).kind === 'ok' ? 0 : 1;
  }
  const minutes = options.minutes ?? null;
  const count = options.seeds ?? (minutes === null ? SEEDS : SEEDS_MAX);
  const request = { first: options.from, count, stride: options.stride };
  if (options.asJob) {
    const { reportAsJob } = await import('./simulate-jobs.ts');
    return reportAsJob(request, minutes);
  }
  print(`seeds from ${options.from} on`);
  const began = performance.now();
  const tally = await runAll(request, { jobs: options.jobs, minutes });
  const tookMs = performance.now() - began;
  summaryLines(tally, tookMs).forEach(print);
  if (options.summary !== undefined) {
    const record = summaryRecord(tally, { first: options.from, jobs: options.jobs, tookMs });
    writeFileSync(options.summary, `${JSON.stringify(record, null, 2)}\n`);
  }
  print(`${tally.seeds} seeds from ${options.from} on`);
  return tally.violations.length === 0 ? 0 : 1;
}

type How = { readonly jobs: number; readonly minutes: number | null };

async function runAll(request: SimulateRequest, how: How): Promise<Tally> {
  const progress = progressOn(process.stdout, request.count);
  const listener = {
    progress: (tally: Tally): void => progress.update(tally),
    explained: (lines: readonly string[]): void => progress.around(() => lines.forEach(print)),
  };
  const tally = await (how.jobs === 1 ? here(request, how, listener) : inJobs(request, how, listener));
  progress.end();
  return tally;
}

async function here(request: SimulateRequest, { minutes }: How, listener: SimulateListener): Promise<Tally> {
  const { simulate } = await import('../simulator/command.ts');
  return simulate(request, stopwatch(minutes), listener);
}

async function inJobs(request: SimulateRequest, how: How, listener: SimulateListener): Promise<Tally> {
  const { simulateInJobs } = await import('./simulate-jobs.ts');
  return simulateInJobs(request, how, listener);
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const SEEDS = 100;
const SEEDS_MAX = 1_000_000_000;
