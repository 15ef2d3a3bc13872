import { expect, test } from 'vitest';
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
