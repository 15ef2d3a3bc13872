import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import { remoteSection } from '../../src/simulator/world/remote-place.ts';

function follows(story: Scenario, section: ReturnType<typeof remoteSection> | null): Scenario {
  const holder = story.world.lockHolder() ?? '';
  story.node(holder).agent.request({ kind: 'patch-config', patch: { standby_cluster: section } }, () => undefined);
  return story;
}

/** It went its own way, is made to follow again, and nothing can be done about what it wrote meanwhile. */
function beyondHelp(removeDataOnDivergence: boolean, nodes = 3) {
  const settings = { nodes, standbyCluster: true, usePgRewind: false, removeDataOnDivergence };
  const story = new Scenario(settings).untilHealthy();
  follows(story, null).untilHealthy().passes(10_000);
  return follows(story, remoteSection(story.world.settings)).passes(60_000);
}

test.each([true, false])('members go on serving what they have (removal for divergence allowed: %s)', (allowed) => {
  const story = beyondHelp(allowed);
  const serving = story.world.nodes.filter(({ postgres }) => postgres.server.kind === 'standby');
  expect(serving, story.ending()).toHaveLength(2);
});
