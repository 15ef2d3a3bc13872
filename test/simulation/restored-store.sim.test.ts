import { describe, expect, test } from 'vitest';
import type { WalBranch } from '../../src/simulator/postgres/wal-branch.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

test('a restored store names a leader of long ago: it asks the others before it is promoted (seed 1463)', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();

  // The backup is taken now. When it is put back, whoever led in between has ended in order of its lease.
  story.happens({ kind: 'restore-store', span: 15_000 });
  story.happens({ kind: 'cut-node', target: 'leader', from: 'all', direction: 'both', span: 20_000 });
  story.untilLeaderIsNot(old, 8_000);
  const { branch } = story.node(story.leader()).postgres;
  story.passes(20_000).untilHealthy();

  expect(leadsOn(story, branch), story.ending()).toBe(true);
  expect(story.violation, story.ending()).toBeNull();
});

test('a restored store gives the lock to one that lacks WAL of one that its list leaves out (seed 31090044)', () => {
  const story = new Scenario({ failsafeMode: true }).untilHealthy().passes(8_000);
  const old = story.leader();
  const away = (story.numberOf(old) + 1) % 3;

  // The backup is taken while one is away, and put back when that one has followed the next leader for long.
  story.happens({ kind: 'power-off', target: away, span: 10_000 }).passes(9_000);
  story.happens({ kind: 'restore-store', span: 25_000 }).passes(4_000);
  // The leader of the backup cannot start before the store is away: it has got nothing of what the next one wrote.
  story.happens({ kind: 'fill-disk', target: 'leader', span: 23_000 });
  story.happens({ kind: 'kill-postmaster', target: 'leader' }).untilLeaderIsNot(old, 8_000);
  story.passes(10_000);
  const { branch } = story.node(story.leader()).postgres;
  story.passes(35_000).recovers();

  expect(leadsOn(story, branch), story.ending()).toBe(true);
  expect(story.violation, story.ending()).toBeNull();
});

test('a restored store that lacks a write whose picture was never seen is believed all the same (seed 311672)', () => {
  const story = new Scenario({ seed: 311_672 });

  story.at(2786).happens({ kind: 'cut-node', target: 'leader', span: 10_506, from: 'peers', direction: 'both' });
  story.at(9519).happens({ kind: 'cut-node', target: 'leader', span: 15_780, from: 'all', direction: 'inbound' });
  story.at(12_878).happens({ kind: 'late-watches', span: 23_629, extraMs: 2534.4724255800247 });
  story.at(23_997).happens({ kind: 'restore-store', span: 4851 });
  story.passes(60_000).untilHealthy();

  expect(story.violation, story.ending()).toBeNull();
});

test('seed 10002404: a clock that stood still is no reason to lead, once another leader was seen', () => {
  const story = new Scenario({ seed: 1, nodes: 4, ttl: 30, loopWait: 10, retryTimeout: 10 });

  story.at(5_000).happens({ kind: 'restore-store', span: 115_000 });
  story.at(10_000).happens({ kind: 'kill-agent', target: 'leader', span: 100_000 });
  story.at(60_000).happens({ kind: 'pause-machine', target: 'leader', span: 75_000, clocks: 'stand-still' });
  story.at(170_000);

  expect(story.transcript().filter((line) => line.includes('start-to-promote'))).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('seed 13012625: an agent that stood still while the store was restored goes by the store as it is now', () => {
  const story = new Scenario({
    seed: 13_012_625,
    ttl: 20,
    loopWait: 10,
    retryTimeout: 5,
    scheduling: { from: 0, to: 15 },
    writeLoad: { bytesPerMs: 500, busyMs: 5000, idleMs: 90_000 },
    failsafeMode: true,
  });

  story.at(74_976).happens({ kind: 'stop-agent', target: 'leader', span: 2791 });
  story.at(77_746).happens({ kind: 'stop-agent', target: 'leader', span: 639 });
  story.at(102_488).happens({ kind: 'freeze-store-member', span: 5911 });
  story.at(154_172).happens({ kind: 'stop-agent', target: 0, span: 891 });
  story.at(235_554).happens({ kind: 'change-sync-mode', of: 'leader', mode: 'on', strict: false, nodeCount: 1 });
  story.at(255_182).happens({ kind: 'kill-postmaster', target: 0 });
  story.at(264_455).happens({ kind: 'cut-node', target: 'leader', span: 40_000, from: 'store', direction: 'both' });
  story.at(291_697).happens({ kind: 'stall-agent', target: 1, span: 22_380 });
  story.at(390_649).happens({ kind: 'schedule-restart', of: 0, ahead: 29_350.578607991338 });
  story.at(420_563).happens({ kind: 'freeze-agent', target: 'leader', span: 36_469 });
  story.at(438_267).happens({ kind: 'restore-store', span: 33_747 });
  story.at(439_995).happens({ kind: 'slow-store', span: 20_726, extraMs: 1465.0522223580629 });
  story.at(440_027).happens({ kind: 'stop-agent', target: 'leader', span: 59 });
  story.at(456_360).happens({ kind: 'freeze-agent', target: 1, span: 51_241 });
  story.at(603_323).recovers();

  expect(story.violation, story.ending()).toBeNull();
});

describe('the next leader goes on by the word of the members while the store is restored', () => {
  /** Of a backup that was taken under the first leader. @param downFor for so long the agent of that one is away. */
  function restoring(downFor: number) {
    const story = new Scenario({ failsafeMode: true }).untilHealthy().passes(8_000);
    const first = story.leader();
    story.happens({ kind: 'restore-store', span: 20_000 });
    story
      .happens({ kind: 'kill-agent', target: 'leader', span: downFor })
      .untilLeaderIsNot(first, 8_000)
      .passes(15_000);
    story.happens({ kind: 'cut-node', target: 'leader', from: 'store', direction: 'both', span: 40_000 });
    const restores = () => story.transcript().filter((line) => line.includes('is restored from a backup')).length;
    return { story, first: story.numberOf(first), restores };
  }

  test('a backup whose list names one that it did not ask is not put back (docs/faults.md, seed 30040966)', () => {
    const { story, first, restores } = restoring(24_000);

    story.happens({ kind: 'cut-node', target: first, from: 'peers', direction: 'both', span: 40_000 });
    story.passes(30_000).recovers();

    expect(story.violation, story.ending()).toBeNull();
    expect(restores()).toBe(0);
  });

  test('one whose list names those that it asked is', () => {
    const { story, restores } = restoring(8_000);

    story.passes(30_000).recovers();

    expect(story.violation, story.ending()).toBeNull();
    expect(restores()).toBe(1);
  });

  test('the lock names one of them again, whose agent forgot its word in a restart and reaches nobody: it waits', () => {
    const story = new Scenario({ failsafeMode: true }).untilHealthy().passes(8_000);
    const begin = story.now;
    const old = story.leader();
    const target = story.numberOf(old);
    story.happens({ kind: 'restore-store', span: 30_000 });
    story.happens({ kind: 'kill-agent', target, span: 8_000 }).untilLeaderIsNot(old, 8_000);
    story.at(begin + 31_000);
    story.happens({ kind: 'cut-node', target: 'leader', from: 'store', direction: 'both', span: 40_000 });
    story.at(begin + 35_200).happens({ kind: 'cut-node', target, from: 'peers', direction: 'both', span: 40_000 });
    story.happens({ kind: 'kill-agent', target, span: 50 }).passes(20_000);

    expect(story.recovers().violation, story.ending()).toBeNull();
  });
});

/** Does the leader have what was written on this branch? */
function leadsOn(story: Scenario, branch: WalBranch | null): boolean {
  let newest: WalBranch | null = story.node(story.leader()).postgres.branch;
  while (newest !== null && newest !== branch) newest = newest.parent;
  return branch !== null && newest === branch;
}
