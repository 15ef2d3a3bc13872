import { describe, expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

test('the disk of the primary is full: it panics, cannot come back, and another leads; with space again it rejoins', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();
  const { postgres } = story.node(old);

  story.happens({ kind: 'fill-disk', target: 'leader', span: 90_000 });
  story.until('it panics', () => !postgres.acknowledges, 20_000);
  story.untilLeaderIsNot(old, 10_000).passes(60_000);
  expect(postgres.server.kind).toBe('down');

  expectKept(story.untilHealthy());
});

test('nobody else can lead: it keeps trying, and leads again as soon as there is space', () => {
  const story = new Scenario({ nodes: 2 }).untilHealthy().passes(5_000);
  const old = story.leader();
  const [replica = ''] = story.replicas();

  story.happens({ kind: 'power-off', target: story.numberOf(replica), span: 600_000 });
  story.happens({ kind: 'fill-disk', target: 'leader', span: 60_000 }).passes(60_000);
  story.until('it leads', () => story.world.leader()?.place === old, 10_000);

  expectKept(story.faultsEnd().untilHealthy());
});

test('the disk of a replica is full: it is down, the primary goes on, and no copy of its data is lost for it', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();
  const [replica = ''] = story.replicas();
  const { postgres } = story.node(replica);
  const { serverLife } = story.node(old).postgres;

  story.happens({ kind: 'fill-disk', target: story.numberOf(replica), span: 90_000 });
  story.until('it panics', () => postgres.server.kind === 'down', 20_000).passes(60_000);
  expect(postgres.directory.kind).toBe('cluster');
  story.passes(15_000).untilHealthy();

  expect(story.leader()).toBe(old);
  expect(story.node(old).postgres.serverLife).toBe(serverLife);
  expectKept(story);
});

test('a full disk fails the shutdown checkpoint of a switchover: nobody leads with less than the old primary had', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();

  story.switchover(null);
  story.until('it stops', () => story.node(old).postgres.server.kind === 'stopping', 5_000);
  story.happens({ kind: 'fill-disk', target: story.numberOf(old), span: 30_000 });
  story.until('somebody leads', () => story.world.leader() !== null, 30_000);

  expectKept(story.passes(30_000).untilHealthy());
});

describe('the disk of whoever founds a standby cluster fills up while its copy of the remote starts', () => {
  const founding = () =>
    new Scenario({ standbyCluster: true, start: { from: 500, to: 1500 }, clone: { from: 800, to: 6777 } });
  /** Its disk is full from when it starts. @returns who founds it, and how often that was told to copy since. */
  const fillsUp = (story: Scenario, span: number) => {
    const founder = () => story.node(story.world.lockHolder() ?? '');
    const starts = () => story.world.lockHolder() !== null && founder().postgres.server.kind === 'starting';
    story.until('the copy starts', starts, 30_000);
    const { place, postgres } = founder();
    const before = story.transcript().length;
    story.happens({ kind: 'fill-disk', target: story.numberOf(place), span });
    story.until('it is down', () => postgres.server.kind === 'down', 10_000);
    const isCopy = (line: string) => line.includes(` ${place} `) && line.includes(': clone from');
    return { place, copies: () => story.transcript().slice(before).filter(isCopy) };
  };

  test('it goes on trying, and founds the cluster with the copy that it has (seed 40000413, directed)', () => {
    const story = founding();
    const { place, copies } = fillsUp(story, 20_000);

    expectKept(story.untilHealthy());
    expect(story.world.lockHolder()).toBe(place);
    expect(copies()).toEqual([]);
  });

  test('so does an agent that was restarted meanwhile, and knows nothing of how the copy came there', () => {
    const story = founding();
    const { place, copies } = fillsUp(story, 30_000);

    expectKept(story.happens({ kind: 'kill-agent', target: story.numberOf(place), span: 2_000 }).untilHealthy());
    expect(copies()).toEqual([]);
  });

  test('its machine dies: another one founds the cluster, and it joins with what it has', () => {
    const story = founding();
    const { place, copies } = fillsUp(story, 120_000);

    story.happens({ kind: 'power-off', target: story.numberOf(place), span: 100_000 });
    story.until('another one founds it', () => ![null, place].includes(story.world.lockHolder()), 80_000);
    expectKept(story.faultsEnd().untilHealthy());
    expect(copies()).toEqual([]);
  });
});

test('whoever founds a standby cluster anew removes no copy of the remote for want of space (seed 40000413, directed)', () => {
  const story = new Scenario({
    seed: 40_000_413,
    nodes: 4,
    ttl: 30,
    loopWait: 10,
    storeCommit: { from: 1, to: 18 },
    crashRecovery: { from: 300, to: 3614 },
    start: { from: 150, to: 1355 },
    clone: { from: 800, to: 6777 },
    clockDriftMax: 0.001,
    standbyCluster: true,
  });
  story.at(3308).happens({ kind: 'power-off', target: 2, span: 9710 });
  story.at(6598).happens({ kind: 'kill-agent', target: 0, span: 3805 });
  story.at(8417).happens({ kind: 'power-off', target: 'leader', span: 12_424 });
  story.at(54_618).happens({ kind: 'fill-disk', target: 'leader', span: 3945 });
  expectKept(story.at(57_391).recovers());
});
