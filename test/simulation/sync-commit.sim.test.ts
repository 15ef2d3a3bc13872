import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

test('synchronous_standby_names by hand: what a primary that is cut off writes, it acknowledges to nobody', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();
  const { postgres } = story.node(old);
  story.happens({ kind: 'set-sync-names', of: 'leader', names: 'ANY 1 (*)' }).passes(5_000);
  const before = postgres.acknowledgedPosition;
  expect(postgres.syncRule).toMatchObject({ method: 'any' });

  story.happens({ kind: 'cut-node', target: 'leader', from: 'all', direction: 'both', span: 30_000 });
  story.untilLeaderIsNot(old, 8_000);
  const { branch } = story.node(story.leader()).postgres;
  expect(postgres.acknowledgedPosition).toBeGreaterThanOrEqual(before);
  expect(postgres.position).toBeGreaterThan(postgres.acknowledgedPosition);
  expect(branch?.forkedAt).toBeGreaterThanOrEqual(postgres.acknowledgedPosition);

  expectKept(story.passes(30_000).untilHealthy());
});

test('a standby that the list names and that is away holds up every commit, until somebody shortens the list', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const { postgres } = story.node(story.leader());
  const [first = '', second = ''] = story.replicas();
  story.happens({ kind: 'set-sync-names', of: 'leader', names: `ANY 2 (${first}, ${second})` }).passes(5_000);

  story.happens({ kind: 'power-off', target: story.numberOf(second), span: 600_000 }).passes(5_000);
  const held = postgres.acknowledgedPosition;
  expect(story.passes(20_000).node(story.leader()).postgres.acknowledgedPosition).toBe(held);

  story.happens({ kind: 'set-sync-names', of: 'leader', names: first }).passes(5_000);
  expect(postgres.acknowledgedPosition).toBeGreaterThan(held);
  expectKept(story.faultsEnd().untilHealthy());
});
