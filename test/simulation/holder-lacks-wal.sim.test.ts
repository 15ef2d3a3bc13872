import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** `old` led when a backup of the store was taken. It is rewound since, and has not got the rest from its source. */
function givenBackTheLock(restoredAfter: number) {
  const story = new Scenario({ rewind: { from: 500, to: 500 } }).untilHealthy().passes(5_000);
  const old = story.leader();
  const target = story.numberOf(old);
  const { postgres } = story.node(old);
  story.happens({ kind: 'restore-store', span: restoredAfter });
  story.happens({ kind: 'power-off', target, span: 15_000 }).untilLeaderIsNot(old, 10_000);
  const source = story.leader();
  story.until('it is rewound', () => postgres.files?.hasBackupLabel === true, 60_000);
  story.happens({ kind: 'cut-node', target, span: 400_000, from: 'peers', direction: 'both' });
  story.until('it has the lock again', () => story.world.lockHolder() === old, 160_000);
  story.faultsEnd().happens({ kind: 'power-off', target: story.numberOf(source), span: 600_000 });
  expect(postgres.server.kind).toBe('starting');
  expect(postgres.files?.beforeBackupEnd).toBe(true);
  return { story, old, target };
}

test('a holder that waits for WAL of a source that is gone, and whose agent was restarted: another one leads soon', () => {
  const { story, old, target } = givenBackTheLock(30_000);
  story.happens({ kind: 'kill-agent', target, span: 500 }).untilLeaderIsNot(old, 30_000);
  expect(story.violation, story.ending()).toBeNull();
});

test('also where its start was given up before it had the lock', () => {
  const { story, old } = givenBackTheLock(95_000);
  story.untilLeaderIsNot(old, 30_000);
  expect(story.violation, story.ending()).toBeNull();
});
