import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Place } from '../../src/simulator/world/network.ts';

/** Who is behind when a connection begins stays behind for a while. */
const slowly = { writeLoad: { bytesPerMs: 50, busyMs: 1, idleMs: 0 }, catchUp: { from: 52, to: 60 } };

/**
 * Timeline 2 begins beyond what two standbys have, who hear of it and get nothing of it: its leader, which the store never
 * heard of it from, is gone at once. One of them leads next, on timeline 3, which came out of timeline 1.
 */
function skipped() {
  const story = new Scenario({ nodes: 4, ...slowly }).untilHealthy().passes(3_000);
  const first = story.leader();
  const [next = '', ...behind] = story.replicas();
  const isGone = (place: Place) => story.happens({ kind: 'power-off', target: story.numberOf(place), span: 600_000 });

  for (const each of behind)
    story.happens({ kind: 'cut-node', target: story.numberOf(each), from: 'peers', direction: 'both', span: 8_000 });
  story.passes(8_100);
  isGone(first);
  const { postgres } = story.node(next);
  story.until('the next is promoted', () => postgres.server.kind === 'primary', 20_000);
  // A standby that knew of timeline 2 from the `history` key would not lead from before it.
  const store = { from: 'store', direction: 'both', span: 600_000 } as const;
  story.happens({ kind: 'cut-node', target: story.numberOf(next), ...store });
  const hear = () => behind.every((each) => story.node(each).postgres.link.isFlowing);
  story.until('both standbys hear of it', hear, 10_000);
  isGone(next);
  story.untilLeaderIsNot(next, 20_000);

  const { branch } = story.node(story.leader()).postgres;
  expect(branch).toMatchObject({ timeline: 3, parent: { timeline: 1 } });
  expect(branch?.forkedAt).toBeLessThan(postgres.branch?.forkedAt ?? 0);
  return story;
}

const told = (story: Scenario, words: RegExp) => story.transcript().filter((line) => words.test(line));

test('a standby that waits for a timeline that its leader skipped is restarted, and follows (seed 31604752)', () => {
  const story = skipped().untilHealthy();
  expect(story.violation, story.ending()).toBeNull();
  expect(told(story, /info decision .*"rule":"restart-to-follow"/)).toHaveLength(1);
});

test('a leader whose timeline skipped a number writes the history key once (seed 31604752)', () => {
  const story = skipped().passes(1_000);
  expect(told(story, / history by /)).toHaveLength(1);
});
