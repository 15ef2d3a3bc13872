import { describe, expect, test } from 'vitest';
import type { RequestAnswer } from '../../src/domain/requests.ts';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Place } from '../../src/simulator/world/network.ts';
import { REMOTE, remoteSection } from '../../src/simulator/world/remote-place.ts';
import { calmSettings } from '../../src/simulator/world/settings.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

/** A standby cluster in which everybody streams. @returns with who holds its lock. */
function following(change: ConstructorParameters<typeof Scenario>[0] = {}) {
  const story = new Scenario({ standbyCluster: true, ...change }).untilHealthy();
  return { story, leader: story.world.lockHolder() ?? '' };
}

/** An operator changes what the cluster follows. */
function follows(story: Scenario, section: ReturnType<typeof remoteSection> | null): Scenario {
  const holder = story.world.lockHolder() ?? '';
  story.node(holder).agent.request({ kind: 'patch-config', patch: { standby_cluster: section } }, () => undefined);
  return story;
}

function untilLockIsNotOf(story: Scenario, old: Place): Scenario {
  const changed = () => ![null, old].includes(story.world.lockHolder());
  return story.until(`the lock is not ${old}'s`, changed, 20_000);
}

const anyServer = { role: null, olderThan: null, restartPending: null };
const roles = (story: Scenario) => story.world.nodes.map(({ postgres }) => postgres.server.kind);

describe('a cluster that follows another one', () => {
  test('B1: it is founded as a copy, and nobody in it writes', () => {
    const { story } = following();
    expect(roles(story)).toEqual(['standby', 'standby', 'standby']);
    expectKept(story.passes(20_000));
  });

  test('CC180, S21: its leader dies; another member takes over and follows the remote; nobody is promoted', () => {
    const { story, leader } = following();
    story.happens({ kind: 'power-off', target: story.numberOf(leader), span: 60_000 });
    untilLockIsNotOf(story, leader).untilHealthy(30_000);
    expect(roles(story)).not.toContain('primary');
    expectKept(story.passes(80_000).untilHealthy());
  });

  test('the store away stops no standby: there is nothing to fence', () => {
    const { story } = following();
    story.happens({ kind: 'store-outage', span: 60_000 }).passes(50_000);
    expect(roles(story)).toEqual(['standby', 'standby', 'standby']);
    expectKept(story.passes(20_000).untilHealthy());
  });

  test('CC179: without the section its leader is promoted under a guardian, and the others follow', () => {
    const { story, leader } = following();
    follows(story, null)
      .until('a primary', () => story.world.leader()?.place === leader, 10_000)
      .untilHealthy();
    expectKept(story.passes(20_000));
  });

  test('also while the remote writes, which others have a moment earlier than its last look shows', () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const { story, leader } = following({ seed });
      follows(story.passes(4_000 + seed * 137), null);
      story.until('a primary', () => story.world.leader() !== null, 10_000);

      expect(story.leader()).toBe(leader);
      expect(story.ending()).not.toContain('outrun-after-acquire');
      expectKept(story.untilHealthy());
    }
  });

  test('CC178: with it again the primary stops, keeps the lock, is rewound and follows', () => {
    const { story, leader } = following();
    follows(story, null).untilHealthy().passes(10_000);
    follows(story, remoteSection(story.world.settings)).until(
      'nobody writes',
      () => story.world.leader() === null,
      10_000,
    );
    expect(story.world.lockHolder()).toBe(leader);
    expectKept(story.untilHealthy(120_000).passes(20_000));
  });

  test('the slot there is its leader’s: who was rewound from the remote, too, gets its WAL without', () => {
    const { story } = following({ remoteSlot: true, removeDataOnDivergence: false });
    follows(story, null).untilHealthy().passes(10_000);
    follows(story, remoteSection(story.world.settings)).until(
      'nobody writes',
      () => story.world.leader() === null,
      10_000,
    );
    expectKept(story.untilHealthy(60_000));
  });

  test('who turned to the remote while nobody led leaves its slot to the leader (seed 11004214)', () => {
    const watchdog = { mode: 'automatic', safetyMargin: 5, canClose: true, stepMs: 7000 } as const;
    const writeLoad = { bytesPerMs: 500, busyMs: 15_000, idleMs: 60_000 };
    const settings = { ttl: 10, loopWait: 4, clockDriftMax: 0.003, writeLoad, remoteSlot: true, watchdog };
    const story = new Scenario({ seed: 11_004_214, standbyCluster: true, ...settings });
    story.at(489_069).happens({ kind: 'pause-cluster', of: 'leader', span: 76_885 });
    story.at(490_211).happens({ kind: 'freeze-agent', target: 0, span: 15_061 });
    story.at(490_765).happens({ kind: 'kill-postmaster', target: 1 });
    story.at(554_665).happens({ kind: 'remote-fails-over' });
    expectKept(story.at(619_810).recovers());
  });

  test('a primary that restarts while it is made to follow writes no more (seed 5719)', () => {
    const { story, leader } = following({ start: { from: 6_000, to: 7_000 } });
    follows(story, null).untilHealthy().passes(10_000);
    const restart = { kind: 'restart', filters: anyServer, timeout: null, schedule: null } as const;
    story.node(leader).agent.request(restart, () => undefined);
    const server = story.node(leader).postgres;
    story.until('PostgreSQL stops', () => server.server.kind === 'stopping', 10_000);
    follows(story, remoteSection(story.world.settings)).until(
      'it is made a standby',
      () => server.server.kind === 'standby',
      120_000,
    );
    expectKept(story.untilHealthy(120_000).passes(20_000));
  });

  /** How long PostgreSQL takes to start, from now on. */
  const starts = { ...calmSettings.start };

  /** It has gone its own way for a while, and so has the remote: both are on timelines of one number. */
  function partedFromRemote() {
    const { story, leader } = following({ network: { from: 10, to: 20 }, start: starts });
    follows(story, null).untilHealthy().passes(10_000);
    story.world.remote.failsOver();
    return { story: story.passes(10_000), leader };
  }

  /** PostgreSQL there takes so long to stop that whoever leads is a copy of the remote before it starts again. */
  function restartsSlowly(story: Scenario, place: Place): Scenario {
    story
      .node(place)
      .agent.request({ kind: 'restart', filters: anyServer, timeout: null, schedule: null }, () => undefined);
    const { postgres } = story.node(place);
    return story
      .until('PostgreSQL stops', () => postgres.server.kind === 'stopping', 10_000)
      .happens({ kind: 'hang-postgres', target: story.numberOf(place), span: 40_000, how: 'stopped' });
  }

  test('a standby that restarts while its leader is copied anew asks before it follows that again (seed 10303338)', () => {
    const { story, leader } = partedFromRemote();
    follows(story, remoteSection(story.world.settings));
    untilLockIsNotOf(story, leader);
    const next = story.world.lockHolder();
    const other = story.world.nodes.map(({ place }) => place).find((place) => ![leader, next].includes(place)) ?? '';
    restartsSlowly(story, other).passes(60_000);
    expectKept(story.untilHealthy(120_000));
  });

  test('one whose restart began before the cluster was made to follow is compared before it starts (seed 10303338)', () => {
    const { story, leader } = partedFromRemote();
    const [other] = story.replicas();
    restartsSlowly(story, other ?? '').passes(1_000);
    follows(story, remoteSection(story.world.settings));
    untilLockIsNotOf(story, leader).passes(60_000);
    expectKept(story.untilHealthy(120_000));
  });

  /** Somebody stops PostgreSQL there, whose agent starts it again; and that takes so long. */
  function startsSlowly(story: Scenario, place: Place, span: number): Scenario {
    const { postgres } = story.node(place);
    const before = { ...starts };
    Object.assign(starts, { from: span, to: span });
    postgres.fastStop();
    story.until('PostgreSQL starts', () => postgres.server.kind === 'starting', 10_000);
    Object.assign(starts, before);
    return story;
  }

  test('a standby that starts while its leader is copied anew asks before it follows that', () => {
    const { story, leader } = partedFromRemote();
    follows(story, remoteSection(story.world.settings));
    untilLockIsNotOf(story, leader);
    const next = story.world.lockHolder() ?? '';
    const other = story.world.nodes.map(({ place }) => place).find((place) => ![leader, next].includes(place)) ?? '';
    const { link } = story.node(other).postgres;
    // The next leader is not compared with the remote yet.
    story.happens({ kind: 'freeze-agent', target: story.numberOf(next), span: 8_000 });
    story.until('it is followed', () => link.upstream?.host === next, 10_000).passes(100);
    startsSlowly(story, other, 45_000).passes(60_000);
    expectKept(story.untilHealthy(120_000));
  });

  test.each([
    ['starts', 1_000],
    ['is late to start', 65_000],
  ])('a standby that %s when the cluster is made to follow is compared before it follows', (_, after) => {
    const { story } = partedFromRemote();
    const [other = ''] = story.replicas();
    startsSlowly(story, other, after + 45_000).passes(after);
    follows(story, remoteSection(story.world.settings)).passes(60_000);
    expectKept(story.untilHealthy(120_000));
  });

  /** An operator restarts PostgreSQL at once. @returns what is answered. */
  function restarts(story: Scenario, place: Place): RequestAnswer[] {
    const heard: RequestAnswer[] = [];
    const request = { kind: 'restart', filters: anyServer, timeout: null, schedule: null } as const;
    story.node(place).agent.request(request, (answer) => heard.push(answer));
    return heard;
  }
  const done = { kind: 'text', status: 200, text: 'restarted successfully' };

  test('its leader is restarted as any standby, keeps the lock, and follows the remote again', () => {
    const { story, leader } = following({ remoteSlot: true });
    const { postgres } = story.node(leader);
    const before = postgres.serverLife;
    const heard = restarts(story, leader);
    story.until('the end is told', () => heard.length > 0, 60_000).untilHealthy();
    expect([heard, story.world.lockHolder()]).toEqual([[done], leader]);
    expect(postgres.serverLife).not.toBe(before);
    expect(postgres.link.wanted?.upstream?.host).toBe(REMOTE);
    expectKept(story.passes(20_000));
  });

  test('also when its PostgreSQL takes long to stop, and the store is away meanwhile', () => {
    const { story, leader } = following();
    const { postgres } = story.node(leader);
    const heard = restarts(story, leader);
    story
      .until('PostgreSQL stops', () => postgres.server.kind === 'stopping', 10_000)
      .happens({ kind: 'hang-postgres', target: story.numberOf(leader), span: 50_000, how: 'stopped' })
      .passes(5_000)
      .happens({ kind: 'store-outage', span: 60_000 })
      .until('the end is told', () => heard.length > 0, 120_000);
    expect(heard).toEqual([done]);
    expect(roles(story)).toEqual(['standby', 'standby', 'standby']);
    expectKept(story.untilHealthy(60_000).passes(20_000));
  });

  test('a remote that is away is waited for', () => {
    const { story, leader } = following();
    story.world.remote.dies();
    story.passes(60_000);
    expect(story.world.lockHolder()).toBe(leader);
    expect(roles(story)).toEqual(['standby', 'standby', 'standby']);
    story.world.remote.start();
    expectKept(story.untilHealthy(30_000));
  });

  test('a remote that goes on on another timeline is followed there', () => {
    const { story } = following();
    story.world.remote.failsOver();
    story.passes(1_000).untilHealthy(60_000);
    const timelines = story.world.nodes.map(({ postgres }) => postgres.branch?.timeline);
    expect(timelines).toEqual([2, 2, 2]);
    expect(story.world.remote.serverAt(REMOTE)?.branch?.timeline).toBe(2);
    expectKept(story);
  });

  test('a remote that goes away while all copy it anew is copied once it is back', () => {
    const { story } = following({ nodes: 2, clone: { from: 3_000, to: 3_000 } });
    const isCopied = () => story.world.nodes.every(({ postgres }) => postgres.directory.kind !== 'cluster');
    follows(story, null).until('a primary', () => story.world.leader() !== null, 10_000);
    story.untilHealthy().passes(2_000).world.remote.failsOver();
    follows(story.passes(1_000), remoteSection(calmSettings)).until('all begin anew', isCopied, 20_000);
    story.world.remote.dies();
    story.passes(20_000);
    story.world.remote.start();
    expectKept(story.untilHealthy(60_000));
  });
});
