import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test('nobody waits for ever for one that has more, and where no guardian can be started', () => {
  const spawn = { from: 100, to: 100 };
  const story = new Scenario({ spawn }).untilHealthy().passes(6_000);
  const old = story.leader();
  const [x = '', y = ''] = story.replicas();
  Object.assign(spawn, { from: 1_000_000, to: 1_000_000 });
  story.happens({ kind: 'kill-guardian', target: story.numberOf(x) }).passes(5_000);
  story.happens({ kind: 'cut-node', target: story.numberOf(y), from: 'peers', direction: 'both', span: 1_000 });
  story.passes(300).happens({ kind: 'power-off', target: 'leader', span: 600_000 });
  story.untilLeaderIsNot(old, 120_000);
  expect(story.violation, story.ending()).toBeNull();
});
