import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { SimulateListener, SimulateRequest } from '../simulator/command.ts';
import { addTallies, emptyTally, type Tally } from '../simulator/report/tally.ts';
import { stopwatch } from './stopwatch.ts';

/** From a job to its parent, one JSON object per line of its standard output. */
const Message = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tally'),
    tally: z.object({
      seeds: z.number(),
      virtualMs: z.number(),
      events: z.number(),
      promotions: z.number(),
      faults: z.record(z.string(), z.number()),
      violations: z.array(z.object({ seed: z.number(), checker: z.string() })),
      cost: z.object({ runMs: z.number(), calibrationMs: z.number(), calibrationRounds: z.number() }),
    }),
  }),
  z.object({ kind: z.literal('explained'), lines: z.array(z.string()) }),
]);

type JobMessage =
  | { readonly kind: 'tally'; readonly tally: Tally }
  | { readonly kind: 'explained'; readonly lines: readonly string[] };

/**
 * Job J takes every J-th seed; what they find comes together here.
 * @throws When a job ends by anything else than its own summary: its seeds are not known to be good.
 */
export async function simulateInJobs(
  request: SimulateRequest,
  how: { readonly jobs: number; readonly minutes: number | null },
  listener: SimulateListener,
): Promise<Tally> {
  const { jobs, minutes } = how;
  const latest: Tally[] = Array.from({ length: jobs }, () => emptyTally);
  const sum = (): Tally => latest.reduce(addTallies, emptyTally);
  await Promise.all(
    latest.map(async (_, job) => {
      const share = { first: request.first + job, count: Math.max(0, request.count - job), stride: jobs };
      await runJob(share, minutes, (message) => {
        if (message.kind === 'explained') {
          listener.explained(message.lines);
          return;
        }
        latest[job] = message.tally;
        listener.progress(sum());
      });
    }),
  );
  return sum();
}

/** The child's side: the same seeds in this process, told in lines. @returns the exit status. */
export async function reportAsJob(request: SimulateRequest, minutes: number | null): Promise<number> {
  const { simulate } = await import('../simulator/command.ts');
  const send = (message: JobMessage): void => {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  };
  let sentAt = -Infinity;
  const parent = process.ppid;
  const tally = simulate(request, stopwatch(minutes), {
    progress: (soFar) => {
      if (performance.now() - sentAt < TALLY_EVERY_MS) return;
      sentAt = performance.now();
      // The seeds leave no time to hear of a closed pipe.
      if (process.ppid !== parent) throw new Error('whoever wanted to know of these seeds is gone');
      send({ kind: 'tally', tally: soFar });
    },
    explained: (lines) => send({ kind: 'explained', lines }),
  });
  send({ kind: 'tally', tally });
  return 0;
}

async function runJob(
  share: SimulateRequest,
  minutes: number | null,
  hear: (message: JobMessage) => void,
): Promise<void> {
  const { first, count, stride } = share;
  const given = { from: first, seeds: count, stride, ...(minutes === null ? {} : { minutes }) };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const program = process.argv[1] ?? '';
  const child = spawn(process.execPath, [...process.execArgv, program, 'simulate', '--as-job', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) hear(Message.parse(JSON.parse(line)));
  const code = await ended;
  if (code !== 0) throw new Error(`the job with seeds from ${first} ended with ${code ?? 'a signal'}`);
}

const TALLY_EVERY_MS = 500;
