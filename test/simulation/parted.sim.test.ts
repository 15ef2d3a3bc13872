import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import { syncIsWhole } from '../../src/simulator/world/sync-health.ts';

/** All of a run lies in one segment. */
const slowly = { bytesPerMs: 50, busyMs: 1, idleMs: 0 };

/**
 * With a quorum somebody leads who has less than one standby, whose replay is paused: that one has received WAL from
 * beyond where the next timeline begins, and has not replayed it. The former leader is back, and cut off from its peers.
 */
function withOneAhead() {
  const synchronous = { mode: 'quorum', strict: false, nodeCount: 2 } as const;
  const story = new Scenario({ nodes: 4, writeLoad: slowly, synchronous }).untilHealthy();
  story.until('the sync set is whole', () => syncIsWhole(story.world), 60_000).passes(2_000);
  const first = story.leader();
  const [ahead = '', ...rivals] = story.replicas();
  const { postgres } = story.node(ahead);
  const target = (place: string) => ({ target: story.numberOf(place) });
  const cut = (place: string) =>
    story.happens({ kind: 'cut-node', ...target(place), from: 'peers', direction: 'both', span: 20_000 });

  story.happens({ kind: 'pause-replay', ...target(ahead), span: 600_000 }).passes(1_000);
  for (const each of rivals) cut(each);
  story
    .passes(19_000)
    .happens({ kind: 'power-off', ...target(first), span: 7_500 })
    .passes(2_500);
  story.happens({ kind: 'freeze-agent', ...target(ahead), span: 3_500 }).untilLeaderIsNot(first, 10_000);
  const next = story.leader();
  story.until('the first is back', () => story.node(first).postgres.link.isFlowing, 12_000).passes(2_000);
  cut(first);

  const forkedAt = story.node(next).postgres.branch?.forkedAt ?? 0;
  expect(postgres.position).toBeGreaterThan(forkedAt);
  expect(postgres.replay.position).toBeLessThan(forkedAt);
  const other = rivals.find((place) => place !== next) ?? '';
  story.passes(100);
  return { story, next, other, postgres };
}

test('a standby that has parted from its leader, and did not know it: its word counts for nothing', () => {
  const { story, next, other, postgres } = withOneAhead();
  const { postgres: leading } = story.node(next);
  const { acknowledgedPosition } = leading;
  story.passes(500);
  postgres.replay.resume();
  expect(story.passes(300).node(next).postgres.acknowledgedPosition).toBe(acknowledgedPosition);

  for (const place of [next, other]) {
    story.happens({ kind: 'power-off', target: story.numberOf(place), span: 30_000 });
  }
  story.passes(25_000);
  expect(story.violation, story.ending()).toBeNull();
  expect(story.faultsEnd().untilHealthy().violation, story.ending()).toBeNull();
});
