import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { plantedBugs } from './bug.ts';
import { hunt } from './hunt.ts';
import { bundleMutant } from './mutant.ts';

const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'matriarch-planted-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Those that the first seeds show; `npm run planted` hunts all of them. */
const quicklySeen = [
  'deadline-not-armed-at-extension',
  'fenced-after-the-deadline',
  'guardian-armed-after-promotion',
  'lock-taken-unconditionally',
  'started-as-primary-without-the-lock',
];

test.each(plantedBugs().filter(({ name }) => quicklySeen.includes(name)))(
  'a checker sees $name',
  async (bug) => {
    const sighting = await hunt(await bundleMutant(bug, folder), { first: 1, last: 20, seenBy: null }, MINUTE);

    expect(bug.seenBy).toContain(sighting.kind === 'seen' ? sighting.checker : sighting);
  },
  MINUTE,
);
