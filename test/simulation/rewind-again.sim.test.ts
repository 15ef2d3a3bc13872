import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** The old leader comes back with WAL that nobody has, and no data may be removed. */
function beginsToRewind(seed: number) {
  const rewind = { from: 200, to: 200 };
  const story = new Scenario({ seed, rewind, removeDataOnDivergence: false }).untilHealthy();
  const old = story.leader();
  story.happens({ kind: 'cut-node', target: 'leader', span: 3_000, from: 'peers', direction: 'both' }).passes(2_000);
  story.happens({ kind: 'power-off', target: 'leader', span: 12_000 }).untilLeaderIsNot(old, 20_000);
  const begins = (): boolean => story.transcript().at(-1)?.includes(': rewind from') === true;
  return { story: story.until('it is rewound', begins, 60_000), old };
}

/** With other seeds what the rewinds leave has no control file that could be read: that is left to a person. */
test.each([2, 6, 7])('a disk that was full for a moment leaves nobody to a person (%i)', (seed) => {
  const { story, old } = beginsToRewind(seed);
  story.happens({ kind: 'fill-disk', target: story.numberOf(old), span: 750 }).passes(90_000);
  expect(story.node(old).postgres.link.isFlowing, story.ending()).toBe(true);
  expect(story.violation, story.ending()).toBeNull();
});
