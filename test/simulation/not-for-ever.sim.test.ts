import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import { syncIsWhole } from '../../src/simulator/world/sync-health.ts';

test.each([150, 250, 600, 1200])('with a quorum somebody leads where each look takes %i ms', (took) => {
  const synchronous = { mode: 'quorum', strict: false, nodeCount: 1 } as const;
  const story = new Scenario({ look: { from: took, to: took }, synchronous }).untilHealthy();
  story.until('the sync set is whole', () => syncIsWhole(story.world), 60_000).passes(6_000);
  const old = story.leader();
  story.happens({ kind: 'power-off', target: 'leader', span: 120_000 });
  story.untilLeaderIsNot(old, 60_000);
  expect(story.violation, story.ending()).toBeNull();
});

test.each([1, 2])(
  'who is named in a switchover does not wait for ever for WAL of a leader that is gone (%i)',
  (seed) => {
    const story = new Scenario({ seed }).untilHealthy().passes(6_000);
    const old = story.leader();
    const [x = '', y = ''] = story.replicas();
    story.happens({ kind: 'stick-backend', target: 'leader', span: 1_800 }).switchover(x);
    story.passes(600).happens({ kind: 'power-off', target: story.numberOf(y), span: 1_000 });
    story.passes(300).happens({ kind: 'power-off', target: story.numberOf(x), span: 1_000 });
    story.until('it has stopped', () => story.node(old).postgres.server.kind === 'down', 20_000);
    story.until('it gives up its lock', () => story.world.lockHolder() === null, 6_000);
    story.happens({ kind: 'power-off', target: story.numberOf(old), span: 600_000 });
    story.passes(3_000);
    story.untilLeaderIsNot(old, 300_000);
    expect(story.violation, story.ending()).toBeNull();
  },
);

test.each([1, 2])('nobody waits for ever for one that has more, and is cut off from the store alone (%i)', (seed) => {
  const story = new Scenario({ seed }).untilHealthy().passes(6_000);
  const old = story.leader();
  const [x = '', y = ''] = story.replicas();
  story.happens({ kind: 'cut-node', target: story.numberOf(y), from: 'peers', direction: 'both', span: 1_000 });
  story.passes(300).happens({ kind: 'power-off', target: 'leader', span: 600_000 });
  story
    .passes(3_000)
    .happens({ kind: 'cut-node', target: story.numberOf(x), from: 'store', direction: 'both', span: 600_000 });
  story.untilLeaderIsNot(old, 300_000);
  expect(story.violation, story.ending()).toBeNull();
});

test.each([1, 2, 3])(
  'the leader that a quorum elects by leads again, where another one only held the lock and all others are gone (%i)',
  (seed) => {
    const synchronous = { mode: 'quorum', strict: false, nodeCount: 1 } as const;
    const story = new Scenario({ seed, synchronous }).untilHealthy();
    story.until('the sync set is whole', () => syncIsWhole(story.world), 60_000).passes(6_000);
    const old = story.leader();
    const others = story.replicas();
    story.happens({
      kind: 'cut-node',
      target: story.numberOf(old),
      from: 'store',
      direction: 'both',
      span: 5_000,
    });
    const isTaken = (): boolean => others.some((each) => each === story.world.lockHolder());
    story.until('another one takes the lock', isTaken, 15_000);
    for (const each of others) story.happens({ kind: 'power-off', target: story.numberOf(each), span: 600_000 });
    story.until('the old one leads again', () => story.world.leader()?.place === old, 120_000);
    expect(story.violation, story.ending()).toBeNull();
  },
);
