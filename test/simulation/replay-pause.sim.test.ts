import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

test('a standby whose replay is paused is as good a successor as what it has received', () => {
  const story = new Scenario({ nodes: 2 }).untilHealthy().passes(5_000);
  const [replica = ''] = story.replicas();
  const { postgres } = story.node(replica);

  story.happens({ kind: 'pause-replay', target: story.numberOf(replica), span: 600_000 }).passes(20_000);
  const received = postgres.position;
  expect(postgres.replay.position).toBeLessThan(received);
  story.happens({ kind: 'power-off', target: 'leader', span: 60_000 });
  story.until('it leads', () => story.world.leader()?.place === replica, 7_500);

  expect(postgres.branch?.forkedAt).toBeGreaterThanOrEqual(received);
  expectKept(story.passes(60_000).untilHealthy());
});

test('a failover while the replay is paused: the paused standby follows the new leader when it is resumed', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const [replica = '', other = ''] = story.replicas();
  const { postgres } = story.node(replica);

  story.happens({ kind: 'pause-replay', target: story.numberOf(replica), span: 30_000 }).passes(5_000);
  story.switchover(other);
  story.until('the other leads', () => story.world.leader()?.place === other, 5_000).passes(15_000);
  expect(postgres.link.upstream?.host).not.toBe(other);

  expectKept(story.passes(10_000).untilHealthy());
  expect(postgres.branch).toBe(story.node(other).postgres.branch);
});
