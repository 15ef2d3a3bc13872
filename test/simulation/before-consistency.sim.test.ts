import { describe, expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import { REMOTE, remoteSection } from '../../src/simulator/world/remote-place.ts';

/** A start is given up after 60 s, and the server left to go on. */
const START_GIVEN_UP_MS = 70_000;

test('a standby that was started alone, and needs WAL before it accepts anybody, follows who leads (seed 10302792)', () => {
  const story = new Scenario({ nodes: 2, rewind: { from: 500, to: 500 } }).untilHealthy().passes(5_000);
  const old = story.leader();
  const { agent, postgres } = story.node(old);
  const comes = (kind: string) => story.until(`PostgreSQL is ${kind}`, () => postgres.server.kind === kind, 30_000);
  const cutOff = { kind: 'cut-node', target: story.numberOf(old), from: 'peers', direction: 'both' } as const;

  // It comes back with more WAL than the other has, is rewound, and cut off before it has what its source wrote meanwhile.
  story.happens({ kind: 'power-off', target: 'leader', span: 20_000 }).untilLeaderIsNot(old, 10_000);
  story.until('it is rewound', () => agent.isWorking && postgres.files?.hasBackupLabel === true, 60_000);
  comes('starting');
  story.happens({ ...cutOff, span: 2 * START_GIVEN_UP_MS });
  story.passes(START_GIVEN_UP_MS);
  expect(postgres.server.kind).toBe('starting');

  // Killed, it is started alone, since its leader cannot be asked.
  story.happens({ kind: 'kill-postmaster', target: story.numberOf(old) });
  comes('down');
  story.until('it is started alone', () => postgres.server.kind === 'starting', 30_000);
  story.passes(START_GIVEN_UP_MS).untilHealthy(30_000);

  expect(story.violation, story.ending()).toBeNull();
});

test('what was rewound and lost its power while it started has WAL of its source at once (seed 31142501)', () => {
  const story = new Scenario({ nodes: 2, rewind: { from: 500, to: 500 }, start: { from: 800, to: 800 } });
  const old = story.untilHealthy().passes(5_000).leader();
  const { agent, postgres } = story.node(old);
  story.happens({ kind: 'cut-node', target: 'leader', span: 10_000, from: 'all', direction: 'both' });
  story.untilLeaderIsNot(old, 10_000);
  story.until('it is rewound', () => agent.isWorking && postgres.files?.hasBackupLabel === true, 60_000);
  story.until('it starts', () => postgres.files?.hasBackupLabel === false, 30_000);
  expect(postgres.files?.beforeBackupEnd).toBe(true);

  story.happens({ kind: 'power-off', target: story.numberOf(old), span: 5_000 }).passes(6_000);
  story.untilHealthy(START_GIVEN_UP_MS / 2);

  expect(story.violation, story.ending()).toBeNull();
});

/** The old leader comes back, is rewound, and cut off before it has what its source wrote meanwhile. */
function rewoundAndCutOff(change: ConstructorParameters<typeof Scenario>[0]) {
  const story = new Scenario({ rewind: { from: 500, to: 500 }, ...change }).untilHealthy();
  if (story.world.settings.standbyCluster) follows(story, null).passes(15_000).untilHealthy();
  const old = story.passes(5_000).leader();
  const { agent, postgres } = story.node(old);
  story.happens({ kind: 'power-off', target: 'leader', span: 30_000 }).untilLeaderIsNot(old, 20_000);
  story.until('it is rewound', () => agent.isWorking && postgres.files?.hasBackupLabel === true, 60_000);
  cutOff(story, old, 300_000).until('it starts', () => postgres.server.kind === 'starting', 30_000);
  return { story, old };
}

function cutOff(story: Scenario, place: string, span: number): Scenario {
  const target = story.numberOf(place);
  return story.happens({ kind: 'cut-node', target, span, from: 'peers', direction: 'both' });
}

function follows(story: Scenario, section: ReturnType<typeof remoteSection> | null): Scenario {
  const holder = story.world.lockHolder() ?? '';
  story.node(holder).agent.request({ kind: 'patch-config', patch: { standby_cluster: section } }, () => undefined);
  return story;
}

describe('what was rewound needs WAL that its source had, and has no more', () => {
  test('the cluster is made to follow another one: it is copied from there (seed 11029424)', () => {
    const { story, old } = rewoundAndCutOff({ standbyCluster: true });
    follows(story, remoteSection(story.world.settings)).passes(60_000);
    expect(story.node(old).postgres.server.kind).toBe('standby');
    story.faultsEnd().untilHealthy(120_000);
    expect(story.violation, story.ending()).toBeNull();
  });

  test('also where the other one has come to a timeline of the same number meanwhile', () => {
    const { story, old } = rewoundAndCutOff({ standbyCluster: true });
    const { remote } = story.world;
    for (let promotions = 1; promotions < 3; promotions += 1) {
      remote.failsOver();
      story.passes(5_000);
    }
    follows(story, remoteSection(story.world.settings)).passes(60_000);
    expect(story.node(old).postgres.branch?.timeline).toBe(remote.serverAt(REMOTE)?.branch?.timeline);
    story.faultsEnd().untilHealthy(120_000);
    expect(story.violation, story.ending()).toBeNull();
  });

  test('its leader forgot that it was rewound, and the others are behind where that had written (seed 31057272)', () => {
    const story = new Scenario({ standbyCluster: true, walKeepBytes: 16_777_216, ttl: 30 }).untilHealthy();
    follows(story, null).untilHealthy().passes(300_000);
    const { remote, settings } = story.world;
    remote.dies();
    story.passes(20_000);
    remote.start();
    const old = story.passes(10_000).leader();
    const { agent, postgres } = story.node(old);
    follows(story, remoteSection(settings)).until(
      'it is rewound',
      () => postgres.files?.hasBackupLabel === true,
      20_000,
    );
    expect(postgres.files?.damaged).toBe(true);
    agent.kill();
    story.passes(10_000);
    story.node(old).startAgent();
    story.untilHealthy(20_000);
    expect(story.violation, story.ending()).toBeNull();
  });

  test('its source dies, and who leads then never had it: it is copied from that one', () => {
    const { story, old, postgres } = beingRewound();
    const source = story.leader();
    const third = story.replicas().find((place) => place !== old) ?? '';
    cutOff(story, third, 3_000).until('it is rewound', () => postgres.files?.hasBackupLabel === true, 5_000);
    story.happens({ kind: 'power-off', target: story.numberOf(source), span: 300_000 });
    // The start is given up first, and perhaps a little later what keeps it from being consistent is seen.
    const streams = () => postgres.link.isFlowing;
    story.untilLeaderIsNot(source, 30_000).until('it streams', streams, START_GIVEN_UP_MS + 30_000);
    expect(story.leader()).toBe(third);
    story.untilHealthy();
    expect(story.violation, story.ending()).toBeNull();
  });

  test('nor is it rewound where it was killed meanwhile, and nobody knows of the first rewind', () => {
    const { story, old, postgres } = beingRewound();
    const source = story.leader();
    const third = story.replicas().find((place) => place !== old) ?? '';
    cutOff(story, third, 8_000).until('it is rewound', () => postgres.files?.hasBackupLabel === true, 5_000);
    story.happens({ kind: 'power-off', target: story.numberOf(source), span: 300_000 });
    story.until('it starts', () => postgres.files?.beforeBackupEnd === true, 5_000);
    story.node(old).agent.kill();
    story.happens({ kind: 'kill-postgres', target: story.numberOf(old) }).passes(15_000);
    story.node(old).startAgent();
    story.untilLeaderIsNot(source, 30_000).until('it streams', () => postgres.link.isFlowing, 90_000);
    story.untilHealthy();
    expect(story.violation, story.ending()).toBeNull();
  });
});

/** The old leader is back, and pg_rewind runs there. */
function beingRewound() {
  const story = new Scenario({ rewind: { from: 500, to: 500 } }).untilHealthy().passes(5_000);
  const old = story.leader();
  const { postgres } = story.node(old);
  story.happens({ kind: 'power-off', target: 'leader', span: 20_000 }).untilLeaderIsNot(old, 10_000);
  const isRewinding = () => postgres.isToolRunning && postgres.files?.state === 'shut down';
  story.until('pg_rewind runs', isRewinding, 60_000);
  return { story, old, postgres };
}
