/**
 * `npm run planted [-- --jobs J] [--only NAME,...] [--seeds N] [--from F] [--minutes M] [--check]`: makes each mistake of
 * test/planted/bugs in a copy of the simulator and runs seeds until a checker notices; writes docs/planted-bugs.md.
 * `--check` only sees whether each can be made and compiles.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type PlantedBug, plantedBugs } from '../test/planted/bug.ts';
import { firstSighting, type Sighting } from '../test/planted/hunt.ts';
import { bundleMutant } from '../test/planted/mutant.ts';
import { plantedPage } from '../test/planted/page.ts';
import { unfit } from '../test/planted/type-check.ts';

const { values: asked } = parseArgs({
  options: {
    jobs: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    check: { type: 'boolean', default: false },
  },
});

const page = join(import.meta.dirname, '../docs/planted-bugs.md');
const first = Number(asked.from);
const seeds = { first, last: first + Number(asked.seeds) - 1 };
const all = plantedBugs();
const chosen = asked.only === undefined ? all : named(asked.only.split(','));

const broken = unfit(chosen);
for (const [name, problems] of broken) console.error([`${name} is no good:`, ...problems].join('\n  '));
if (broken.size > 0) process.exit(1);
console.log(`${String(chosen.length)} planted bugs apply and compile`);
if (!asked.check) await huntAll();

async function huntAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-planted-'));
  const unchanged = await bundleMutant(null, folder);
  const sightings = new Map<string, Sighting>();
  const waiting = [...chosen];
  const work = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const mutant = await bundleMutant(bug, folder);
      const sighting = await firstSighting(
        { mutant, unchanged, seenBy: bug.seenBy },
        seeds,
        Number(asked.minutes) * 60_000,
      );
      sightings.set(bug.name, sighting);
      tell(bug, sighting);
      writeFileSync(page, plantedPage(all, sightings, pageBefore()));
    }
  };
  await Promise.all(Array.from({ length: Number(asked.jobs) }, work));
  rmSync(folder, { recursive: true });
  const unseen = chosen.filter(({ name }) => sightings.get(name)?.kind !== 'seen');
  console.log(`${String(chosen.length - unseen.length)} of ${String(chosen.length)} were seen`);
  if (unseen.length > 0) process.exitCode = 1;
}

function tell(bug: PlantedBug, sighting: Sighting): void {
  if (sighting.kind !== 'seen') {
    console.log(
      `UNSEEN  ${bug.name}: ${sighting.kind === 'unseen' ? `${String(sighting.seeds)} seeds` : sighting.why}`,
    );
    return;
  }
  const { checker, seed, message } = sighting;
  console.log(`seen    ${bug.name}: seed ${String(seed)}, ${checker}: ${message}`);
}

function named(names: readonly string[]): readonly PlantedBug[] {
  return names.map((name) => {
    const bug = all.find((each) => each.name === name);
    if (bug === undefined) throw new Error(`no planted bug is called ${name}`);
    return bug;
  });
}

function pageBefore(): string {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return '';
  }
}
