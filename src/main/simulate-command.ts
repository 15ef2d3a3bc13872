import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SimulateListener, SimulateRequest } from '../simulator/command.ts';
import type { Tally } from '../simulator/report/tally.ts';
import { progressOn, summaryLines, summaryRecord } from './simulate-summary.ts';

/** `simulate`: the production machines in a simulated world, one drawn disaster per seed. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('run the agent in a simulated world, with faults and checkers')
    .option('--seed <number>', 'replay exactly this seed, with everything that happens', whole)
    .option('--seeds <count>', 'how many seeds to run', whole, 100)
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
  readonly seeds: number;
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
  const request = { first: options.from, count: options.seeds, stride: options.stride };
  if (options.asJob) {
    const { reportAsJob } = await import('./simulate-jobs.ts');
    return reportAsJob(request);
  }
  const seeds = `seeds ${options.from} to ${options.from + options.seeds - 1}`;
  print(seeds);
  const began = performance.now();
  const tally = await runAll(request, options.jobs);
  const tookMs = performance.now() - began;
  summaryLines(tally, tookMs).forEach(print);
  if (options.summary !== undefined) {
    const record = summaryRecord(tally, { first: options.from, jobs: options.jobs, tookMs });
    writeFileSync(options.summary, `${JSON.stringify(record, null, 2)}\n`);
  }
  print(seeds);
  return tally.violations.length === 0 ? 0 : 1;
}

async function runAll(request: SimulateRequest, jobs: number): Promise<Tally> {
  const progress = progressOn(process.stdout, request.count);
  const listener = {
    progress: (tally: Tally): void => progress.update(tally),
    explained: (lines: readonly string[]): void => progress.around(() => lines.forEach(print)),
  };
  const tally = await (jobs === 1 ? here(request, listener) : inJobs(request, jobs, listener));
  progress.end();
  return tally;
}

async function here(request: SimulateRequest, listener: SimulateListener): Promise<Tally> {
  const { simulate } = await import('../simulator/command.ts');
  return simulate(request, listener);
}

async function inJobs(request: SimulateRequest, jobs: number, listener: SimulateListener): Promise<Tally> {
  const { simulateInJobs } = await import('./simulate-jobs.ts');
  return simulateInJobs(request, jobs, listener);
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
