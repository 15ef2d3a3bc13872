import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Place } from '../../src/simulator/world/network.ts';
import { syncIsWhole } from '../../src/simulator/world/sync-health.ts';

/** All of a run lies in one segment. */
const slowly = { bytesPerMs: 50, busyMs: 1, idleMs: 0 };

/**
 * With a quorum somebody leads who has less than one standby, whose replay is paused: that one has received WAL from
 * beyond where the next timeline begins, and has not replayed it. The former leader is back, and cut off from its peers.
 */
function withOneAhead() {
  const synchronous = { mode: 'quorum', strict: false, nodeCount: 2 } as const;
  const story = new Scenario({ nodes: 4, writeLoad: slowly, synchronous }).untilHealthy();
  story.until('the sync set is whole', () => syncIsWhole(story.world), 60_000).passes(2_000);
  const first = story.leader();
  const [ahead = '', ...rivals] = story.replicas();
  const { postgres } = story.node(ahead);
  const target = (place: string) => ({ target: story.numberOf(place) });
  const cut = (place: string) =>
    story.happens({ kind: 'cut-node', ...target(place), from: 'peers', direction: 'both', span: 20_000 });

  story.happens({ kind: 'pause-replay', ...target(ahead), span: 600_000 }).passes(1_000);
  for (const each of rivals) cut(each);
  story
    .passes(19_000)
    .happens({ kind: 'power-off', ...target(first), span: 7_500 })
    .passes(2_500);
  story.happens({ kind: 'freeze-agent', ...target(ahead), span: 3_500 }).untilLeaderIsNot(first, 10_000);
  const next = story.leader();
  story.until('the first is back', () => story.node(first).postgres.link.isFlowing, 12_000).passes(2_000);
  cut(first);

  const forkedAt = story.node(next).postgres.branch?.forkedAt ?? 0;
  expect(postgres.position).toBeGreaterThan(forkedAt);
  expect(postgres.replay.position).toBeLessThan(forkedAt);
  const other = rivals.find((place) => place !== next) ?? '';
  story.passes(100);
  return { story, next, other, postgres };
}

test('a standby that has parted from its leader, and did not know it: its word counts for nothing', () => {
  const { story, next, other, postgres } = withOneAhead();
  const { postgres: leading } = story.node(next);
  const { acknowledgedPosition } = leading;
  story.passes(500);
  postgres.replay.resume();
  expect(story.passes(300).node(next).postgres.acknowledgedPosition).toBe(acknowledgedPosition);

  for (const place of [next, other]) {
    story.happens({ kind: 'power-off', target: story.numberOf(place), span: 30_000 });
  }
  story.passes(25_000);
  expect(story.violation, story.ending()).toBeNull();
  expect(story.faultsEnd().untilHealthy().violation, story.ending()).toBeNull();
});

/**
 * A leader that is cut off from everything right after its promotion, and the next one, make a timeline of one number from
 * one position. The first writes more, until its lease ends; who led before both is back, and follows the second.
 */
function withTwins() {
  const story = new Scenario({ ttl: 10, loopWait: 4, retryTimeout: 3 }).untilHealthy().passes(5_000);
  const before = story.leader();
  const postgresOf = (place: Place) => story.node(place).postgres;
  const replicas = story.replicas();
  const promoted = () => replicas.find((each) => postgresOf(each).server.kind === 'primary');

  story.happens({ kind: 'power-off', target: story.numberOf(before), span: 20_500 });
  story.until('one is promoted', () => promoted() !== undefined, 20_000);
  const one = promoted() ?? '';
  const other = replicas.find((each) => each !== one) ?? '';
  story.happens({ kind: 'cut-node', target: story.numberOf(one), from: 'all', direction: 'both', span: 20_000 });
  story.until('the other is promoted', () => postgresOf(other).server.kind === 'primary', 20_000);
  const follows = () => postgresOf(before).link.isFlowing && postgresOf(before).server.kind === 'standby';
  story.until('who led before follows', follows, 10_000).passes(1_500);

  const [a, b] = [postgresOf(one), postgresOf(other)];
  expect(a.branch).not.toBe(b.branch);
  expect(a.branch).toMatchObject({ timeline: b.branch?.timeline, forkedAt: b.branch?.forkedAt });
  expect(a.position).toBeGreaterThan(b.position);
  return { story, before, one, other };
}

test('a twin of the timeline that the cluster went on with does not win because nobody can compare it (seed 31601019)', () => {
  const { story, before, one, other } = withTwins();
  const { postgres } = story.node(other);
  story.switchover(null);
  story.until('the leader stops', () => postgres.server.kind === 'stopping', 5_000);
  // Long enough for the twin to be back, and to get no answer.
  story.happens({ kind: 'hang-postgres', target: story.numberOf(other), span: 8_000, how: 'stopped' });
  story.until('the lock is free', () => story.world.lockHolder() === null, 15_000);
  expect(story.node(one).postgres.server.kind).toBe('standby');

  story.untilLeaderIsNot(other, 5_000);
  expect(story.leader()).toBe(before);
  expect(story.faultsEnd().untilHealthy().violation, story.ending()).toBeNull();
});

test('what has parted on a timeline of the same number follows nobody while it waits for a person (seed 32068938)', () => {
  const story = new Scenario({
    seed: 32_068_938,
    nodes: 5,
    ttl: 20,
    loopWait: 10,
    retryTimeout: 5,
    storeCommit: { from: 1, to: 18 },
    removeDataOnDivergence: false,
    failsafeMode: true,
  });
  story.at(31_475).happens({ kind: 'freeze-store-member', span: 28_538 });
  story.at(40_371).happens({ kind: 'cut-node', target: 'leader', span: 37_525, from: 'all', direction: 'outbound' });
  story.at(46_329).happens({ kind: 'freeze-store-member', span: 29_096 });
  story.at(79_023).happens({ kind: 'cut-node', target: 'leader', span: 28_352, from: 'all', direction: 'both' });
  story.at(97_917).happens({ kind: 'cut-node', target: 0, span: 15_806, from: 'peers', direction: 'both' });
  story.at(180_000);
  expect(story.violation, story.ending()).toBeNull();
  const rules = story.world.nodes.map(({ agent }) => agent.snapshot()?.decision.rule);
  expect(rules, story.ending()).toContain('diverged-needs-operator');
});

test('what followed a former leader does not follow it where that one has gone over to another branch (seed 34016953)', () => {
  const story = new Scenario({
    seed: 34_016_953,
    ttl: 20,
    retryTimeout: 5,
    look: { from: 5, to: 300 },
    checkpoint: { from: 50, to: 2000 },
    busyCheckpointer: 0.1,
    clockDriftMax: 0.003,
    writeLoad: { bytesPerMs: 500, busyMs: 15_000, idleMs: 60_000 },
  });
  story.at(12_807).happens({ kind: 'move-store-leader' });
  story.at(53_562).happens({ kind: 'fill-disk', target: 0, span: 65_035 });
  story.at(115_933).happens({ kind: 'power-off', target: 'leader', span: 31_483 });
  story.at(184_109).happens({ kind: 'stop-store-member', span: 4_001 });
  story.at(205_374).happens({ kind: 'stop-store-member', span: 1_353 });
  story.at(283_303).happens({ kind: 'restore-store', span: 69_197 });
  story.at(350_310).happens({ kind: 'stop-agent', target: 'leader', span: 1_970 });
  story.at(358_650).happens({ kind: 'cut-node', target: 0, span: 56_575, from: 'peers', direction: 'both' });
  story.at(358_711).happens({ kind: 'stop-agent', target: 1, span: 4_155 });
  story.at(391_459).happens({ kind: 'restart', of: 0 });
  story.at(392_788).happens({ kind: 'store-refuses', span: 37_278 });
  story.at(430_000);
  expect(story.violation, story.ending()).toBeNull();
});
