import { expect, test } from 'vitest';
import { storeKey } from '../../src/domain/names.ts';
import { Scenario } from '../../src/simulator/scenario.ts';
import { syncIsWhole } from '../../src/simulator/world/sync-health.ts';

const on = { mode: 'on', strict: false, nodeCount: 1 } as const;

/** A leader, the only voter, and a third one. */
function withOneVoter(seed: number) {
  const story = new Scenario({ seed, synchronous: on }).untilHealthy();
  story.until('the sync set is whole', () => syncIsWhole(story.world), 60_000).passes(6_000);
  const voter = voterOf(story);
  const third = story.replicas().find((each) => each !== voter) ?? '';
  return { story, old: story.leader(), voter, third };
}

function voterOf({ world }: Scenario): string {
  return /"sync_standby":"([^"]+)"/.exec(world.store.keys.get(storeKey('sync'))?.value ?? '')?.[1] ?? '';
}

test.each([1, 2, 3])(
  'a voter that was cut off while the mode was off and on again goes by no key of before (%i)',
  (seed) => {
    const { story, old, voter, third } = withOneVoter(seed);
    const c = story.numberOf(voter);
    story.happens({ kind: 'cut-node', target: c, from: 'all', direction: 'both', span: 23_000 });
    story.passes(500);
    story.happens({ kind: 'change-sync-mode', of: 'leader', mode: 'off', strict: false, nodeCount: 1 });
    story.passes(20_000);
    const b = story.numberOf(third);
    story.happens({ kind: 'power-off', target: 'leader', span: 60_000 });
    story.passes(100);
    story.happens({ kind: 'change-sync-mode', of: b, ...on });
    story.passes(3_600).happens({ kind: 'cut-node', target: b, from: 'store', direction: 'both', span: 1_500 });
    story.untilLeaderIsNot(old, 30_000);
    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).toBe(third);
  },
);

test.each([1, 2, 3])('who was cut off from the store while the mode was off goes by no key of before (%i)', (seed) => {
  const { story, old, voter, third } = withOneVoter(seed);
  story.happens({ kind: 'cut-node', target: story.numberOf(third), from: 'store', direction: 'both', span: 6_000 });
  story.passes(200).happens({ kind: 'change-sync-mode', of: 'leader', ...on, mode: 'off' });
  story
    .passes(4_000)
    .happens({ kind: 'cut-node', target: story.numberOf(voter), from: 'peers', direction: 'both', span: 3_000 });
  story.passes(300).happens({ kind: 'power-off', target: 'leader', span: 300_000 });
  story.passes(100).happens({ kind: 'change-sync-mode', of: story.numberOf(voter), ...on });
  story.untilLeaderIsNot(old, 60_000);
  expect(story.violation, story.ending()).toBeNull();
  expect(story.leader(), story.ending()).toBe(third);
});
