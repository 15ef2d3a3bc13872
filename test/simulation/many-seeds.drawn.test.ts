/** Two minutes of drawn disasters, others with each commit; and how fast they go, compared with what was recorded. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'matriarch-drawn-'));
afterAll(() => rmSync(folder, { recursive: true }));

const Record = z.object({
  seeds: z.number(),
  violations: z.array(z.object({ seed: z.number(), checker: z.string() })),
  speed: z.object({ hoursPerThousandRounds: z.number() }),
});
const Recorded = z.object({ hoursPerThousandRounds: z.number() });

const isLong = process.env['MATRIARCH_TEST_LONG'] === '1';
const minutes = isLong ? 10 : 2;

test(`seeds of this commit keep every promise for ${String(minutes)} minutes, at the speed that was recorded`, {
  timeout: (minutes + 3) * 60_000,
}, () => {
  const file = join(folder, 'summary.json');
  const options = { from: String(firstSeed()), minutes: String(minutes), jobs: '2', summary: file };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout, stderr } = spawnSync(join(root, 'bin/matriarch'), ['simulate', ...args], { encoding: 'utf8' });
  console.log(stdout.split('\n').slice(-6).join('\n'));
  const { seeds, violations, speed } = Record.parse(JSON.parse(readFileSync(file, 'utf8')));

  expect(violations, `${stdout}\n${stderr}`).toEqual([]);
  expect(seeds).toBeGreaterThan(10);
  expect(speed.hoursPerThousandRounds).toBeGreaterThan(recordedSpeed() / 2);
});

function recordedSpeed(): number {
  const path = join(import.meta.dirname, 'recorded-speed.json');
  return Recorded.parse(JSON.parse(readFileSync(path, 'utf8'))).hoursPerThousandRounds;
}

/** From the commit, so that each one tries others, and the same one the same. A tree without a history has one begin. */
function firstSeed(): number {
  try {
    const commit = execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' });
    return Number.parseInt(commit.slice(0, 7), 16);
  } catch {
    return 1;
  }
}
