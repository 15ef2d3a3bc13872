import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test('a restored store names a leader of long ago: it asks the others before it is promoted (seed 1463)', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();

  // The backup is taken now. When it is put back, whoever led in between has ended in order of its lease.
  story.happens({ kind: 'restore-store', span: 15_000 });
  story.happens({ kind: 'cut-node', target: 'leader', from: 'all', direction: 'both', span: 20_000 });
  story.untilLeaderIsNot(old, 8_000);
  const { postgres: next } = story.node(story.leader());
  const branch = next.branch;
  story.passes(20_000).untilHealthy();

  let newest = story.node(story.leader()).postgres.branch;
  while (newest !== null && newest !== branch) newest = newest.parent;
  expect(newest, story.ending()).toBe(branch);
  expect(story.violation, story.ending()).toBeNull();
});
