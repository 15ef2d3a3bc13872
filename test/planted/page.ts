import type { PlantedBug } from './bug.ts';
import type { Sighting } from './hunt.ts';

/** docs/planted-bugs.md: a row for each bug. A bug that was not hunted this time keeps the row of `before`. */
export function plantedPage(
  bugs: readonly PlantedBug[],
  sightings: ReadonlyMap<string, Sighting>,
  before: string,
): string {
  const rows = new Map(before.split('\n').flatMap((line) => [[nameIn(line), line] as const]));
  return [
    '# Planted bugs',
    '',
    'Each row is a small mistake made in the sources, and the first seed at which a checker of the simulator notices it:',
    'the machines with the mistake break a promise there, and as they are they keep it. A mistake that nobody notices',
    'shows that a checker, a kind of fault or a scenario is missing.',
    '',
    'This page is made by `npm run planted`; the mistakes are in `test/planted/bugs`.',
    'A row is as of when its mistake was hunted last (`--only`): what is drawn, and the rules, move the seed.',
    '',
    '| bug | what is wrong | seen by | first seed |',
    '|---|---|---|---|',
    ...bugs.map((bug) => {
      const sighting = sightings.get(bug.name);
      return sighting === undefined ? (rows.get(bug.name) ?? row(bug, '–', 'not hunted yet')) : rowOf(bug, sighting);
    }),
    '',
  ].join('\n');
}

/** The names that a page has rows for. */
export function namesOn(page: string): readonly string[] {
  return page.split('\n').flatMap((line) => nameIn(line) ?? []);
}

function rowOf(bug: PlantedBug, sighting: Sighting): string {
  switch (sighting.kind) {
    case 'seen':
      return row(bug, `\`${sighting.checker}\``, String(sighting.seed));
    case 'unseen':
      return row(bug, '**nobody**', `none of ${String(sighting.seeds)}`);
    case 'unfinished':
      return row(bug, '**not known**', sighting.why);
  }
}

function row(bug: PlantedBug, seenBy: string, seed: string): string {
  return `| [\`${bug.name}\`](../test/planted/bugs/${bug.name}.bug) | ${bug.says} | ${seenBy} | ${seed} |`;
}

function nameIn(line: string): string | null {
  return /^\| \[`([^`]+)`\]/.exec(line)?.[1] ?? null;
}
