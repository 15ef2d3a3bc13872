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

test('whoever was rewound and is given the lead back by a backup, and nobody else may have it, gets its source’s WAL (seed 38005274)', () => {
  const story = new Scenario({
    seed: 38_005_274,
    nodes: 4,
    storeMembers: 'with-postgres',
    storeCommit: { from: 1, to: 18 },
    look: { from: 5, to: 300 },
    crashRecovery: { from: 300, to: 3599 },
    start: { from: 150, to: 1349 },
    promote: { from: 80, to: 900 },
    checkpoint: { from: 50, to: 8996 },
    busyCheckpointer: 0.1,
    clone: { from: 800, to: 6747 },
    rewind: { from: 500, to: 5398 },
    synchronous: { mode: 'quorum', strict: false, nodeCount: 2 },
    tags: {
      b: { clonefrom: true },
      c: { replicatefrom: 'b', nofailover: 'true', clonefrom: true },
      d: { failover_priority: '3', nosync: true },
    },
  });

  story.at(139_006).happens({ kind: 'fill-disk', target: 3, span: 17_027 });
  story.at(311_070).happens({ kind: 'reinitialize', of: 1, force: false });
  story.at(494_749).happens({ kind: 'cut-node', target: 'leader', span: 5000, from: 'store', direction: 'both' });
  story.at(535_978).happens({ kind: 'cut-node', target: 'leader', span: 5924, from: 'store', direction: 'outbound' });
  story.at(536_246).happens({ kind: 'restart', of: 0 });
  story.at(550_615).happens({ kind: 'restore-store', span: 34_443 });
  story.at(556_156).happens({ kind: 'cut-node', target: 'leader', span: 10_527, from: 'all', direction: 'outbound' });
  story.at(561_018).happens({ kind: 'stop-agent', target: 1, span: 5259 });
  story.at(604_911).recovers();

  expect(story.violation, story.ending()).toBeNull();
});
