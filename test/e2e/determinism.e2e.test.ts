import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { run } from '../support/command.ts';
import { isLong, minutes } from '../support/e2e.ts';

/** A run of the simulator is a function of its seed: nothing of the machine that it runs on shows in what it prints. */

const program = join(import.meta.dirname, '../../src/main/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'matriarch-determinism-'));
afterAll(() => rmSync(folder, { recursive: true }));
const seeds = isLong ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2];

function replayed(seed: number, before: readonly string[] = [], node: readonly string[] = [process.execPath]) {
  const command = [...before, ...node, program, 'simulate', '--seed', `${seed}`] as const;
  return run(['env', ...command], { limitMs: minutes });
}

test(
  'a seed prints the same again, in another time zone and another language',
  async () => {
    for (const seed of seeds) {
      const first = await replayed(seed);
      expect(first).toContain('hash');
      expect(await replayed(seed)).toBe(first);
      expect(await replayed(seed, ['TZ=Asia/Kathmandu', 'LANG=tr_TR.UTF-8', 'LC_ALL=tr_TR.UTF-8'])).toBe(first);
    }
  },
  5 * minutes,
);

test(
  'a seed prints the same for another user',
  async () => {
    // Only root can become somebody else; whoever is not root compares with a user that has no name and no home.
    const another = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : ['-i'];
    for (const seed of seeds) expect(await replayed(seed, another)).toBe(await replayed(seed));
  },
  5 * minutes,
);

test(
  `a seed prints the same on ${isLong ? 'Node 24' : 'this Node without its optimizing compiler'}`,
  async () => {
    const node = isLong ? [await fetchNode24()] : [process.execPath, '--no-opt'];
    for (const seed of seeds) expect(await replayed(seed, [], node)).toBe(await replayed(seed));
  },
  10 * minutes,
);

test(
  'many seeds come to the same, in however many jobs',
  async () => {
    const [alone, shared] = [await summaryOf(1), await summaryOf(3)];
    expect(shared).toEqual(alone);
  },
  5 * minutes,
);

/** Without what time it took. */
async function summaryOf(jobs: number) {
  const file = join(folder, `${jobs}-jobs.json`);
  const given = ['--seeds', `${seeds.length * 4}`, '--from', '500', '--jobs', `${jobs}`, '--summary', file];
  await run([process.execPath, program, 'simulate', ...given], { limitMs: 3 * minutes });
  return Summary.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const Summary = z.object({
  seeds: z.number(),
  simulatedHours: z.number(),
  promotions: z.number(),
  events: z.number(),
  faults: z.record(z.string(), z.number()),
  violations: z.array(z.unknown()),
});

/** The registry's platform package, as set-up brings Node itself. @returns the executable. */
async function fetchNode24() {
  const name = `node-linux-${process.arch}`;
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run(['npm', 'install', '--prefix', folder, ...options, `${name}@24`], { limitMs: 5 * minutes });
  const node = join(folder, 'node_modules', name, 'bin/node');
  expect(await run([node, '--version'])).toMatch(/^v24\./);
  return node;
}
