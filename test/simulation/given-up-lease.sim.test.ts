import { expect, test } from 'vitest';
import { memberRole } from '../../src/domain/member-state.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

test('who lost its lock leaves its standby alone when a pause ends', () => {
  const slow = { crashRecovery: { from: 15_000, to: 15_000 } };
  const story = new Scenario({ ttl: 30, loopWait: 10, retryTimeout: 10, ...slow }).untilHealthy();
  const old = story.leader();
  const { postgres } = story.node(old);
  const successor = story.numberOf(story.replicas()[0] ?? old);
  // Its server is stopped at once when somebody else has the lock, before it has looked whether the lock is still its own.
  story.happens({ kind: 'kill-postgres', target: 'leader' });
  story.until('it starts again', () => postgres.server.kind === 'starting', 5_000);
  story.happens({ kind: 'switchover', of: successor, from: 'leader', candidate: successor }).passes(1_000);
  story.happens({ kind: 'delete-lock-by-hand', of: successor });
  story.untilLeaderIsNot(old, 5_000).passes(40_000).untilHealthy();

  expectLeftAlone(story, old, () => story.happens({ kind: 'pause-cluster', of: successor, span: 15_000 }));
});

test('who lost the lead of a standby cluster leaves its standby alone when that goes its own way', () => {
  const story = new Scenario({ standbyCluster: true }).untilHealthy().passes(6_000);
  const old = story.world.lockHolder() ?? '';
  story.happens({ kind: 'cut-node', target: story.numberOf(old), from: 'store', direction: 'both', span: 30_000 });
  story.until('another one leads', () => ![null, old].includes(story.world.lockHolder()), 20_000);
  story.passes(60_000).untilHealthy();

  expect(story.node(old).agent.snapshot()?.memory.role).toBe('replica');
  expectLeftAlone(story, old, () => story.happens({ kind: 'part-or-follow' }));
});

test('who leads a standby cluster is called its leader throughout an outage of the store', () => {
  const story = new Scenario({ standbyCluster: true }).untilHealthy().passes(6_000);
  const place = story.world.lockHolder() ?? '';
  const roles = new Set<string>();
  story.happens({ kind: 'store-outage', span: 30_000 });
  story.until(
    'it is over',
    () => {
      const { memory, observation } = story.node(place).agent.snapshot() ?? {};
      if (memory !== undefined && observation !== undefined) roles.add(memberRole(observation, memory));
      return story.now > 120_000;
    },
    120_000,
  );

  expect([...roles], story.ending()).toEqual(['standby_leader']);
});

/** Its server runs on, whatever happens. */
function expectLeftAlone(story: Scenario, old: string, happens: () => void): void {
  const { postgres } = story.node(old);
  expect(postgres.server.kind).toBe('standby');
  happens();
  for (let each = 0; each < 400; each += 1) {
    story.passes(100);
    expect(postgres.server.kind, story.ending()).toBe('standby');
  }
  expect(story.violation, story.ending()).toBeNull();
}
