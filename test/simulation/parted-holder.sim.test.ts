import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import { remoteSection } from '../../src/simulator/world/remote-place.ts';

function follows(story: Scenario, section: ReturnType<typeof remoteSection> | null): Scenario {
  const holder = story.world.lockHolder() ?? '';
  story.node(holder).agent.request({ kind: 'patch-config', patch: { standby_cluster: section } }, () => undefined);
  return story;
}

test('whoever runs, has parted from the remote and cannot be helped leaves the lock to a member that fits it', () => {
  const story = new Scenario({ standbyCluster: true, usePgRewind: false }).untilHealthy();
  const away = story.world.nodes.map(({ place }) => place).find((each) => each !== story.world.lockHolder()) ?? '';
  story.happens({ kind: 'power-off', target: story.numberOf(away), span: 60_000 });
  follows(story, null).until('it writes', () => story.world.leader() !== null, 20_000);
  follows(story.passes(10_000), remoteSection(story.world.settings)).passes(60_000);

  story.until('who was away meanwhile has the lock', () => story.world.lockHolder() === away, 60_000);
  story.until('and streams', () => story.node(away).postgres.link.isFlowing, 20_000);
  story.passes(30_000);
  expect(story.world.lockHolder()).toBe(away);
  expect(story.violation, story.ending()).toBeNull();
});

test.each([1, 3])(
  'a cluster of %i that has parted from what it followed is led again once it follows nobody',
  (nodes) => {
    const story = new Scenario({ nodes, standbyCluster: true, usePgRewind: false }).untilHealthy();
    follows(story, null).until('it writes', () => story.world.leader() !== null, 20_000);
    follows(story.passes(10_000), remoteSection(story.world.settings)).passes(60_000);
    const [first] = story.world.nodes;
    first?.agent.request({ kind: 'patch-config', patch: { standby_cluster: null } }, () => undefined);
    story.until('it writes again', () => story.world.leader() !== null, 60_000).passes(30_000);
    expect(story.violation, story.ending()).toBeNull();
  },
);
