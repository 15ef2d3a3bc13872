import { expect, test } from 'vitest';
import type { AgentRequest, RequestAnswer } from '../../src/domain/requests.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

const restart = {
  kind: 'restart',
  filters: { role: null, olderThan: null, restartPending: null },
  timeout: null,
  schedule: null,
} as const;

function asks(story: Scenario, place: string, request: AgentRequest): RequestAnswer[] {
  const heard: RequestAnswer[] = [];
  story.node(place).agent.request(request, (answer) => heard.push(answer));
  return heard;
}

function expectKept(story: Scenario) {
  expect(story.violation, story.ending()).toBeNull();
}

const life = (story: Scenario, place: string) => story.node(place).postgres.serverLife;

test('a primary is restarted under its lock, and nobody else leads meanwhile', () => {
  const story = new Scenario().untilHealthy();
  const leader = story.leader();
  const before = life(story, leader);

  const heard = asks(story, leader, restart);
  story.until('the end is told', () => heard.length > 0, 60_000).untilHealthy();

  expect(heard).toEqual([{ kind: 'text', status: 200, text: 'restarted successfully' }]);
  expect([story.leader(), life(story, leader) === before]).toEqual([leader, false]);
  expectKept(story);
});

test('a primary whose backend hangs in its restart loses its lock when it is cut off, and the operator is told', () => {
  const story = new Scenario().untilHealthy();
  const leader = story.leader();
  const target = story.numberOf(leader);
  story.happens({ kind: 'stick-backend', target, span: 120_000 });

  const heard = asks(story, leader, restart);
  story.passes(2_000).happens({ kind: 'cut-node', target, span: 40_000, from: 'all', direction: 'both' });
  story.untilLeaderIsNot(leader, 60_000).until('the end is told', () => heard.length > 0, 60_000);

  expect(heard).toEqual([{ kind: 'text', status: 503, text: 'restart failed' }]);
  expectKept(story.recovers());
});

test('a replica is copied anew, and its agent dies while it is: the copy is made all the same', () => {
  const story = new Scenario().untilHealthy();
  const [place = ''] = story.replicas();
  const before = life(story, place);

  const heard = asks(story, place, { kind: 'reinitialize', force: false, fromLeader: false });
  story.passes(600).happens({ kind: 'kill-agent', target: story.numberOf(place), span: 3_000 });
  story.passes(5_000).untilHealthy();

  expect(heard).toEqual([{ kind: 'text', status: 200, text: 'reinitialize started' }]);
  expect(life(story, place)).not.toBe(before);
  expectKept(story);
});

test('the leader dies while a replica is copied: the other one takes over, and both are back in the end', () => {
  const story = new Scenario().untilHealthy();
  const leader = story.leader();
  const [place = ''] = story.replicas();

  asks(story, place, { kind: 'reinitialize', force: false, fromLeader: false });
  story.passes(600).happens({ kind: 'power-off', target: story.numberOf(leader), span: 30_000 });
  story.untilLeaderIsNot(leader, 60_000);

  expect(story.leader()).not.toBe(place);
  expectKept(story.recovers());
});

test('whoever led while its nofailover was lifted has what the others lack: nobody leads, until somebody fails over by hand', () => {
  const story = new Scenario({ tags: { c: { nofailover: true } } }).untilHealthy();
  const lifted = { tags: { nofailover: false } };
  story.happens({ kind: 'restart-with-file', target: 2, span: 40_000, file: lifted }).passes(15_000).untilHealthy();
  story.switchover('c');
  story.until('c leads', () => story.world.leader()?.place === 'c', 30_000).untilHealthy();

  story.passes(35_000 - story.now).happens({ kind: 'power-off', target: 0, span: 15_000 });
  story.happens({ kind: 'power-off', target: 1, span: 15_000 }).passes(60_000);
  expect([story.world.lockHolder(), story.world.nodes.map((node) => node.postgres.server.kind)]).toEqual([
    null,
    ['standby', 'standby', 'standby'],
  ]);

  story.happens({ kind: 'failover', of: 0, candidate: 1 }).untilHealthy();
  expect(story.leader()).toBe('b');
  expectKept(story);
});
