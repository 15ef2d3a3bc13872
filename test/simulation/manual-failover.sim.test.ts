import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import { syncIsWhole } from '../../src/simulator/world/sync-health.ts';

const settings = {
  nodes: 4,
  synchronous: { mode: 'quorum', strict: false, nodeCount: 1 },
  writeLoad: { bytesPerMs: 50, busyMs: 1, idleMs: 0 },
  // Who was without power is back before it can be asked for its position.
  crashRecovery: { from: 4_000, to: 5_000 },
} as const;

/**
 * The cluster is paused, its leader's agent is dead and its primary goes on, and an operator has a member promoted that is
 * cut off from it. That one dies before it has published anything, is told of as the leader by the sync key alone, and all
 * others have more than its timeline left them.
 */
function promotedAndGone() {
  const story = new Scenario(settings).untilHealthy();
  story.until('the sync set is whole', () => syncIsWhole(story.world), 60_000).passes(12_000);
  const first = story.leader();
  const [named = '', ...rest] = story.replicas();
  const target = story.numberOf(named);

  story.happens({ kind: 'pause-cluster', of: 'leader', span: 30_000 }).passes(1_000);
  story.happens({ kind: 'kill-agent', target: story.numberOf(first), span: 22_000 });
  story.until('nobody holds the lock', () => story.world.lockHolder() === null, 10_000);
  story.happens({ kind: 'cut-node', target, from: 'peers', direction: 'both', span: 14_000 }).passes(8_000);
  story.happens({ kind: 'failover', of: target, candidate: target });
  const isFulfilled = () => story.transcript().at(-1)?.includes(`failover by ${named}: {}`) === true;
  story.until('the request is fulfilled', isFulfilled, 5_000);
  story.happens({ kind: 'power-off', target, span: 16_000 });
  return { story, named, others: [first, ...rest] };
}

test('who was promoted by hand and died leads again, where another had only the lock since (seed 31637494)', () => {
  const { story, named, others } = promotedAndGone();
  const holder = () => story.world.lockHolder();
  story.until('another takes the lock', () => others.includes(holder() ?? ''), 30_000);
  // One vote less than it had, when it counts them once more.
  const voter = others.find((each) => each !== holder()) ?? '';
  story.happens({ kind: 'freeze-agent', target: story.numberOf(voter), span: 15_000 });
  story.until('it gives the lock back', () => holder() === null, 2_000);
  expect(story.node(named).postgres.server.kind).not.toBe('standby');

  story.passes(20_000).faultsEnd().untilHealthy();
  expect(story.violation, story.ending()).toBeNull();
  expect(story.leader()).toBe(named);
});
