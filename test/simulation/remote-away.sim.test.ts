import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** Somebody holds the lock while the remote is away; and all is well once that is back. */
function isLed(story: Scenario) {
  story.until('somebody leads', () => story.world.lockHolder() !== null, 60_000);
  story.world.remote.start();
  story.untilHealthy(60_000);
  expect(story.violation, story.ending()).toBeNull();
}

test('a standby cluster of which all machines begin anew has a leader, also while the remote is away', () => {
  const story = new Scenario({ standbyCluster: true }).untilHealthy();
  story.world.remote.dies();
  for (const target of [0, 1, 2]) story.happens({ kind: 'power-off', target, span: 15_000 });
  isLed(story.passes(15_000));
});

test('so has one whose leader died in a pause', () => {
  const story = new Scenario({ standbyCluster: true }).untilHealthy();
  const target = story.numberOf(story.world.lockHolder() ?? '');
  story.world.remote.dies();
  story.happens({ kind: 'pause-cluster', of: 'leader', span: 20_000 }).passes(1_000);
  isLed(story.happens({ kind: 'power-off', target, span: 600_000 }).passes(25_000));
});
