import { spawn } from 'node:child_process';
import { type Command, InvalidArgumentError } from 'commander';
import type { SimulateSummary } from '../simulator/command.ts';

/** `simulate`: the production machines in a simulated world, one drawn disaster per seed. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('run the agent in a simulated world, with faults and checkers')
    .option('--seed <number>', 'replay exactly this seed, with everything that happens', whole)
    .option('--seeds <count>', 'how many seeds to run', whole, 100)
    .option('--from <number>', 'the first of them', whole, 1)
    .option('--jobs <count>', 'processes to share them among', whole, 1)
    .option('--stride <count>', 'run every so-manieth seed: the share of one job', whole, 1)
    .action(async (options: Given) => {
      const { replay, simulate } = await import('../simulator/command.ts');
      if (options.seed !== undefined) {
        process.exitCode = replay(options.seed, print).kind === 'ok' ? 0 : 1;
        return;
      }
      if (options.jobs > 1) {
        process.exitCode = await shareAmongJobs(options);
        return;
      }
      print(`seeds ${options.from} to ${options.from + options.seeds - 1}`);
      const began = performance.now();
      const summary = simulate({ first: options.from, count: options.seeds, stride: options.stride }, print);
      summarize(summary, performance.now() - began);
      print(`seeds ${options.from} to ${options.from + options.seeds - 1}`);
      process.exitCode = summary.violations.length === 0 ? 0 : 1;
    });
}

type Given = {
  readonly seed?: number;
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly stride: number;
};

/** Job J takes every J-th seed; a job that fails fails the whole. */
async function shareAmongJobs(options: Given): Promise<number> {
  const codes = await Promise.all(
    Array.from({ length: options.jobs }, (_, job) => {
      const share = [
        '--from',
        `${options.from + job}`,
        '--seeds',
        `${options.seeds - job}`,
        '--stride',
        `${options.jobs}`,
      ];
      const child = spawn(process.execPath, [process.argv[1] ?? '', 'simulate', ...share], { stdio: 'inherit' });
      return new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
    }),
  );
  return Math.max(...codes);
}

function summarize(summary: SimulateSummary, tookMs: number): void {
  const { seeds, violations, virtualMs, events, faults } = summary;
  const hours = (virtualMs / 3_600_000).toFixed(2);
  const rate = ((seeds * 1000) / tookMs).toFixed(1);
  print(
    `${seeds} seeds, ${hours} simulated hours, ${faults} faults, ${events} events in ${(tookMs / 1000).toFixed(1)} s: ${rate} seeds/s`,
  );
  for (const { seed, checker } of violations) print(`violation: seed ${seed}, ${checker}`);
  print(violations.length === 0 ? 'no violation' : `${violations.length} violations`);
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
