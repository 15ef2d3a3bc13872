import { describe, expect, test } from 'vitest';
import type { Tags } from '../../src/domain/tags.ts';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { SynchronousSettings } from '../../src/simulator/world/settings.ts';
import { syncIsWhole } from '../../src/simulator/world/sync-health.ts';

const on = (nodeCount = 1, strict = false): SynchronousSettings => ({ mode: 'on', strict, nodeCount });
const quorum = (nodeCount = 1): SynchronousSettings => ({ mode: 'quorum', strict: false, nodeCount });

/** Everybody streams, and the set is whole. */
function whole(synchronous: SynchronousSettings, nodes = 3, tags: Readonly<Record<string, Tags>> = {}): Scenario {
  return settled(new Scenario({ synchronous, nodes, tags }));
}

function settled(story: Scenario, within = 60_000): Scenario {
  story.untilHealthy();
  return story.until('the sync set is whole', () => syncIsWhole(story.world), within).passes(2_000);
}

function acknowledged(story: Scenario): number {
  return story.node(story.leader()).postgres.acknowledgedPosition;
}

function expectKept(story: Scenario) {
  expect(story.violation, story.ending()).toBeNull();
}

describe.each([
  ['on', on()],
  ['quorum', quorum()],
] as const)('mode %s', (_, synchronous) => {
  test('the primary dies: nothing is lost, and the set is whole again when a standby follows', () => {
    const story = whole(synchronous);
    const old = story.leader();
    story.happens({ kind: 'power-off', target: story.numberOf(old), span: 40_000 }).untilLeaderIsNot(old, 7_000);
    story.untilHealthy(4_000).until('a standby counts again', () => syncIsWhole(story.world), 1_000);
    expectKept(settled(story.passes(40_000)));
  });

  test('two primaries die, the second as soon as a standby counts again', () => {
    const story = whole(synchronous, 5);
    const first = story.leader();
    story.happens({ kind: 'power-off', target: story.numberOf(first), span: 60_000 }).untilLeaderIsNot(first, 7_000);
    story.untilHealthy(4_000).until('a standby counts again', () => syncIsWhole(story.world), 1_000);
    const second = story.leader();
    story.happens({ kind: 'power-off', target: story.numberOf(second), span: 60_000 }).untilLeaderIsNot(second, 10_000);
    expectKept(settled(story.passes(60_000)));
  });

  test('PostgreSQL is killed: its first commit after the restart waits for a standby', () => {
    const story = whole(synchronous);
    const leader = story.leader();
    story.happens({ kind: 'kill-postgres', target: story.numberOf(leader) });
    story.until('it is a primary again', () => story.node(leader).postgres.server.kind === 'primary', 10_000);
    expect(story.node(leader).postgres.syncRule).not.toBeNull();
    story.until('the set is whole', () => syncIsWhole(story.world), 4_000);
    expectKept(settled(story));
  });

  test('every standby dies: commits wait for a moment, then for nobody, and only this primary may lead', () => {
    const story = whole(synchronous);
    const leader = story.leader();
    for (const each of story.replicas())
      story.happens({ kind: 'power-off', target: story.numberOf(each), span: 60_000 });
    const before = acknowledged(story.passes(10_000));
    story.passes(1_000);
    expect(story.leader()).toBe(leader);
    expect(acknowledged(story)).toBeGreaterThan(before);
    expect(story.node(leader).postgres.syncRule).toBeNull();
    expectKept(settled(story.passes(60_000)));
  });

  test('the mode is turned off and on: the key goes and comes', () => {
    const story = whole(synchronous);
    story.happens({ kind: 'change-sync-mode', of: 'leader', mode: 'off', strict: false, nodeCount: 1 }).passes(5_000);
    expect(story.node(story.leader()).postgres.syncRule).toBeNull();
    expect(syncIsWhole(story.world)).toBe(true);
    story.happens({ kind: 'change-sync-mode', of: 'leader', ...synchronous }).passes(5_000);
    expect(story.node(story.leader()).postgres.syncRule).not.toBeNull();
    expectKept(settled(story));
  });
});

test('strict: where no standby is left nothing is acknowledged', () => {
  const story = whole(on(1, true));
  const leader = story.leader();
  for (const each of story.replicas()) story.happens({ kind: 'power-off', target: story.numberOf(each), span: 60_000 });
  const held = acknowledged(story.passes(2_000));
  expect(acknowledged(story.passes(30_000))).toBe(held);
  expect(story.leader()).toBe(leader);
  expectKept(settled(story.passes(30_000)));
});

test('strict, and the only primary is lost: a standby leads, and waits for another', () => {
  const story = whole(on(1, true));
  const old = story.leader();
  story.happens({ kind: 'power-off', target: story.numberOf(old), span: 60_000 }).untilLeaderIsNot(old, 7_000);
  expectKept(settled(story.passes(60_000)));
});

test('a primary that is alone in the key is waited for', () => {
  const story = new Scenario({ synchronous: on(), nodes: 2 }).untilHealthy().passes(5_000);
  const leader = story.leader();
  const [standby = ''] = story.replicas();
  story.happens({ kind: 'power-off', target: story.numberOf(standby), span: 20_000 }).passes(5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(leader), span: 60_000 }).passes(40_000);
  expect(story.world.leader()).toBeNull();
  story.passes(20_000).untilHealthy();
  expect(story.leader()).toBe(leader);
  expectKept(settled(story));
});

test('a standby that stops is let go first: commits do not wait for it', () => {
  const story = whole(on());
  const key = story.world.store.keys;
  const [first = '', second = ''] = story.replicas();
  const named =
    [...key.all()].find((pair) => pair.key === 'sync')?.value.includes(`"${first}"`) === true ? first : second;
  story.happens({ kind: 'stop-agent', target: story.numberOf(named), span: 20_000 });
  const before = acknowledged(story.passes(600));
  expect(acknowledged(story.passes(600))).toBeGreaterThan(before);
  expectKept(settled(story.passes(30_000)));
});

test('the standby that is left lags and looks connected: it is named, and does not enter the key before it has everything', () => {
  const story = whole(on());
  const [first = '', second = ''] = story.replicas();
  const key = () => [...story.world.store.keys.all()].find((pair) => pair.key === 'sync')?.value ?? '';
  const [named, lagging] = key().includes(`"${first}"`) ? [first, second] : [second, first];
  story.happens({
    kind: 'cut-node',
    target: story.numberOf(lagging),
    span: 30_000,
    from: 'peers',
    direction: 'both',
  });
  story
    .passes(2_000)
    .happens({ kind: 'power-off', target: story.numberOf(named), span: 20_000 })
    .passes(8_000);
  expect(key()).toContain('"sync_standby":null');
  expectKept(settled(story.passes(40_000)));
});

test.each([1, 2, 3])(
  'with a quorum a switchover in a pause leads to whom it names, who takes the lock once (%i)',
  (seed) => {
    const story = settled(new Scenario({ seed, synchronous: quorum() }));
    const old = story.leader();
    const [named = ''] = story.replicas();
    let taken = 0;
    const { world } = story;
    world.listen(
      (fact) => {
        if (fact.kind === 'stored' && fact.key === 'leader' && fact.value !== null) taken += 1;
      },
      ['stored'],
    );
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 40_000 }).passes(2_000);
    story.switchover(named);
    story.untilLeaderIsNot(old, 5_000).untilHealthy();
    expect([story.leader(), taken]).toEqual([named, 1]);
    expectKept(settled(story.passes(40_000)));
  },
);

test('a primary that was left running in a pause leads no more once another one was about to (seed 11500030)', () => {
  const story = whole(on(2), 4);
  const old = story.leader();
  const key = () => [...story.world.store.keys.all()].find((pair) => pair.key === 'sync')?.value ?? '';
  const named = story.replicas().find((each) => !key().includes(`"${each}"`)) ?? '';
  const isLockOf = (place: string | null) => () => story.world.lockHolder() === place;
  story.happens({ kind: 'pause-cluster', of: 'leader', span: 40_000 }).passes(1_000);
  story.happens({ kind: 'kill-agent', target: story.numberOf(old), span: 18_000 });
  story.until('nobody has the lock', isLockOf(null), 20_000);
  story.happens({ kind: 'failover', of: story.numberOf(named), candidate: story.numberOf(named) });
  story.until('whom the operator names has it', isLockOf(named), 5_000);
  story.until('the key is its own', () => key().includes(`"leader":"${named}"`), 5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(named), span: 30_000 });
  story.until('nobody has the lock again', isLockOf(null), 10_000);
  story.passes(10_000);
  expect(story.world.lockHolder()).toBeNull();
  expectKept(settled(story.passes(40_000)));
});

test('a manual failover gives up what its candidate lacks, also when that one dies before its promotion (seed 30071961)', () => {
  const story = settled(new Scenario({ synchronous: quorum(), failsafeMode: true })).passes(10_000);
  const old = story.leader();
  const [named = '', third = ''] = story.replicas();
  const key = () => [...story.world.store.keys.all()].find((pair) => pair.key === 'sync')?.value ?? '';
  const isLockOf = (place: string | null) => () => story.world.lockHolder() === place;
  for (const each of [named, third]) story.happens({ kind: 'kill-postgres', target: story.numberOf(each) });
  story.until('commits wait for nobody', () => story.node(old).postgres.syncRule === null, 5_000);
  story.happens({ kind: 'cut-node', target: story.numberOf(old), span: 120_000, from: 'peers', direction: 'both' });
  const isStandby = (place: string) => story.node(place).postgres.server.kind === 'standby';
  story.until('the others are standbys again', () => isStandby(named) && isStandby(third), 15_000);
  const written = acknowledged(story);
  story.happens({ kind: 'pause-cluster', of: 'leader', span: 30_000 }).passes(500);
  story.happens({ kind: 'kill-agent', target: story.numberOf(old), span: 8_000 });
  story.until('nobody has the lock', isLockOf(null), 20_000);
  story.happens({ kind: 'failover', of: story.numberOf(named), candidate: story.numberOf(named) });
  story.until('the key is of whom the operator names', () => key().includes(`"leader":"${named}"`), 5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(named), span: 40_000 });
  story.until('the former leader is stopped', () => story.node(old).postgres.server.kind === 'standby', 39_000);
  story.happens({ kind: 'power-off', target: story.numberOf(old), span: 120_000 });
  story.until('the third leads by its word', isLockOf(third), 90_000).passes(5_000);
  expect(story.leader()).toBe(third);
  expectKept(story);
  expect(story.node(third).postgres.branch?.forkedAt).toBeLessThan(written);
});

test('a former leader on a timeline of its own is not let in by votes of another one of that number (seed 31021974)', () => {
  const writeLoad = { bytesPerMs: 500, busyMs: 15_000, idleMs: 60_000 };
  const timings = { ttl: 8, retryTimeout: 3 };
  const story = new Scenario({
    seed: 31_021_974,
    ...timings,
    storeMembers: 'with-postgres',
    writeLoad,
    synchronous: quorum(2),
  });
  // b is back in time, promoted under its old lock, and cut off at once: nothing of its timeline 2 is acknowledged.
  story.at(24_645).happens({ kind: 'power-off', target: 1, span: 4_873 });
  story.at(31_024).happens({ kind: 'cut-node', target: 'leader', span: 29_472, from: 'peers', direction: 'both' });
  story.at(45_000);
  const [own, elected] = [story.node('b').postgres.branch, story.node('a').postgres.branch];
  expect(story.leader()).toBe('a');
  expect(own).not.toBe(elected);
  expect(own).toMatchObject({ timeline: elected?.timeline, forkedAt: elected?.forkedAt });
  // What a acknowledges has c. Both are away when b is back, and c answers it before the store.
  story.at(52_705).happens({ kind: 'store-refuses', span: 27_720 });
  story.at(66_684).happens({ kind: 'fill-disk', target: 0, span: 22_994 });
  story.at(67_857).happens({ kind: 'cut-node', target: 2, span: 18_426, from: 'store', direction: 'both' });
  story.at(87_500);
  expect(story.world.leader()).not.toBe('b');
  expectKept(settled(story.passes(10_000)));
});

test('an order removes the data of a standby while the key that names it is being written (seed 30054376)', () => {
  const story = new Scenario({ seed: 30_054_376, ttl: 20 });
  story.at(135_056).happens({ kind: 'slow-store', span: 5522, extraMs: 869.6201287396252 });
  story.at(137_869).happens({ kind: 'change-sync-mode', of: 'leader', mode: 'quorum', strict: false, nodeCount: 3 });
  story.at(140_186).happens({ kind: 'reinitialize', of: 2, force: true });
  const key = () => [...story.world.store.keys.all()].find((pair) => pair.key === 'sync')?.value ?? '';
  story.until('the key names it', () => key().includes('a,c'), 2_000);
  expect(story.node('c').postgres.files).toBeNull();
  story.until('it is struck from the key', () => key().includes('"sync_standby":"a"'), 5_000);
  expectKept(settled(story));
});

describe.each([on(), on(1, true), quorum()])('$mode, strict: $strict', (synchronous) => {
  test('a voter is copied anew by order, and the primary dies: what a replica that lags had is not elected', () => {
    const story = whole(synchronous, 3, { a: { clonefrom: true, nosync: true, nofailover: true } });
    const leader = story.leader();
    const [voter = ''] = story.replicas().filter((each) => each !== 'a');
    story.happens({ kind: 'cut-node', target: 0, from: 'peers', direction: 'both', span: 6_000 });
    story.happens({ kind: 'kill-postgres', target: 0 }).passes(6_005);
    const held = acknowledged(story);
    expect(story.node('a').postgres.position).toBeLessThan(held);
    story.happens({ kind: 'reinitialize', of: story.numberOf(voter), force: true }).passes(5);
    story.happens({ kind: 'power-off', target: story.numberOf(leader), span: 20_000 }).passes(15_000);
    expect(story.world.leader()?.place).not.toBe('a');
    expectKept(settled(story.passes(10_000)));
    expect(acknowledged(story)).toBeGreaterThanOrEqual(held);
  });
});

test.each([
  ['on', on(), 34],
  ['on', on(), 52],
  ['quorum', quorum(2), 34],
  ['quorum', quorum(2), 52],
])('mode %s: the checkpointer has not read the first names yet, and the primary dies', (_, synchronous, seed) => {
  const story = new Scenario({ seed, busyCheckpointer: 0.1 }).untilHealthy();
  const old = story.leader();
  const { postgres } = story.node(old);
  story.happens({ kind: 'change-sync-mode', of: 'leader', ...synchronous });
  story.until('the checkpointer is at work', () => postgres.syncRule !== null && postgres.isCheckpointerBusy, 1_000);
  const { acknowledgedPosition } = postgres;
  expect(story.passes(500).node(old).postgres.acknowledgedPosition).toBeGreaterThan(acknowledgedPosition);
  story.happens({ kind: 'power-off', target: story.numberOf(old), span: 60_000 }).passes(30_000);
  expect(story.world.leader()).toBeNull();
  expectKept(settled(story.passes(30_000)));
});

test('a standby that was killed does not testify before it has replayed what lay there', () => {
  const story = settled(new Scenario({ seed: 61, synchronous: quorum() }));
  const old = story.leader();
  const [first = '', second = ''] = story.replicas();
  story.happens({ kind: 'cut-node', target: story.numberOf(second), span: 320, from: 'peers', direction: 'both' });
  story
    .passes(120)
    .happens({ kind: 'power-off', target: story.numberOf(old), span: 60_000 })
    .passes(4_850);
  const { postgres } = story.node(first);
  story.happens({ kind: 'kill-postgres', target: story.numberOf(first) });
  story.until('it accepts connections', () => postgres.server.kind === 'standby', 5_000);
  expect(postgres.replay.isOnOldWal).toBe(true);
  expectKept(story.untilLeaderIsNot(old, 10_000).passes(5_000));
  expect(story.leader()).toBe(first);
});
