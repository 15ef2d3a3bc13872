import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test('a member on the newest timeline that lags too far to lead keeps nobody else from leading (seed 31040604)', () => {
  const story = new Scenario({ writeLoad: { bytesPerMs: 500, busyMs: 20_000, idleMs: 20_000 } }).untilHealthy();
  const old = story.leader();
  const [named = old, third = old] = story.replicas();
  story.happens({ kind: 'pause-cluster', of: 'leader', span: 30_000 }).passes(1_000);
  story.happens({ kind: 'kill-agent', target: 'leader', span: 20_000 }).passes(10_000);
  story.happens({ kind: 'failover', of: story.numberOf(named), candidate: story.numberOf(named) });
  story.until('it leads', () => story.node(named).postgres.server.kind === 'primary', 5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(named), span: 60_000 });
  story.until('the old one leads again', () => story.world.leader()?.place === old, 20_000).passes(30_000);
  story.happens({ kind: 'power-off', target: story.numberOf(third), span: 30_000 });
  story.happens({ kind: 'power-off', target: story.numberOf(old), span: 240_000 });

  story.untilLeaderIsNot(old, 60_000);
  expect(story.leader()).toBe(third);
  expect(story.passes(10_000).violation, story.ending()).toBeNull();
});
