import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Settings } from '../../src/simulator/world/settings.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

/** `c` is to stream from `b`; `a` and `d` may lead. */
function cascade(ofMiddle: Record<string, boolean> = { nofailover: true }, settings: Partial<Settings> = {}): Scenario {
  const tags = { b: ofMiddle, c: { replicatefrom: 'b', nofailover: true } };
  const story = new Scenario({ nodes: 4, tags, ...settings }).untilHealthy();
  return story.until('c streams from b', () => upstreamOf(story, 'c') === 'b', 30_000).untilHealthy();
}

function upstreamOf(story: Scenario, place: string): string | null {
  const { link } = story.node(place).postgres;
  return link.isFlowing ? (link.upstream?.host ?? null) : null;
}

test('a member streams from whom its tag names; from the leader while that one is gone', () => {
  const story = cascade();
  const leader = story.leader();

  story.happens({ kind: 'power-off', target: story.numberOf('b'), span: 60_000 });
  story.until('c streams from the leader', () => upstreamOf(story, 'c') === leader, 20_000);
  story.passes(60_000).until('c streams from b again', () => upstreamOf(story, 'c') === 'b', 30_000);

  expectKept(story.untilHealthy());
});

test('who is named hangs: its tag keeps nobody from the WAL for longer than its lease', () => {
  const story = cascade();
  const leader = story.leader();

  story.happens({ kind: 'pause-machine', target: story.numberOf('b'), span: 60_000, clocks: 'run-on' });
  story.until('c streams from the leader', () => upstreamOf(story, 'c') === leader, 20_000);
  story.passes(60_000).until('c streams from b again', () => upstreamOf(story, 'c') === 'b', 30_000);

  expectKept(story.untilHealthy());
});

test('a failover above: the new timeline reaches a cascaded standby through the one in between', () => {
  const story = cascade();
  const old = story.leader();

  story.happens({ kind: 'power-off', target: 'leader', span: 60_000 }).untilLeaderIsNot(old, 6_500);
  const followed = () => upstreamOf(story, 'c') === 'b' && story.node('c').postgres.branch?.timeline === 2;
  story.until('c is on the new timeline', followed, 20_000).untilHealthy();

  expectKept(story);
});

test('whom others stream from is promoted, and steps down again: they stay with it', () => {
  const story = cascade({});
  if (story.leader() !== 'b') story.switchover('b');
  story.until('b leads', () => story.world.leader()?.place === 'b', 20_000).untilHealthy();
  expect(upstreamOf(story, 'c')).toBe('b');

  story.switchover('a');
  story.until('a leads', () => story.world.leader()?.place === 'a', 20_000).untilHealthy();
  const branchOf = (place: string) => story.node(place).postgres.branch;
  const followed = () => upstreamOf(story, 'c') === 'b' && branchOf('c') === branchOf('a');
  story.until('c is on the new timeline', followed, 20_000);

  expectKept(story);
});

test('who is named runs and gets no WAL: its tag keeps nobody from the WAL (seed 102737)', () => {
  const story = cascade(undefined, { walKeepBytes: 0, removeDataOnDivergence: false });
  const leader = story.leader();

  story.happens({ kind: 'power-off', target: story.numberOf('b'), span: 200_000 }).passes(190_000);
  story.happens({ kind: 'drop-unused-slots', target: 'leader' }).passes(40_000);

  expect(story.node('b').agent.snapshot()?.decision.rule).toMatch(/^starved-needs-operator$|^ask-leader-history$/);
  for (let second = 0; second < 30; second += 1) expect(upstreamOf(story.passes(1_000), 'c')).toBe(leader);
  expectKept(story);
});

test('who is named was copied anew and lacks what comes next: the leader has it (seed 10016725)', () => {
  const story = cascade(undefined, { walKeepBytes: 0 });
  const leader = story.leader();
  const copied: string[] = [];
  story.world.listen((fact) => {
    if (fact.kind === 'task-began' && fact.task.kind === 'clone') copied.push(fact.host);
  });

  story.happens({ kind: 'power-off', target: story.numberOf('c'), span: 200_000 }).passes(190_000);
  story.happens({ kind: 'reinitialize', of: story.numberOf('b'), force: false }).passes(12_000);
  story.until('c streams from the leader', () => upstreamOf(story, 'c') === leader, 20_000);
  story.until('c streams from b again', () => upstreamOf(story, 'c') === 'b', 10_000);
  for (let second = 0; second < 30; second += 1) expect(upstreamOf(story.passes(1_000), 'c')).toBe('b');

  expect(copied).toEqual(['b']);
  expectKept(story.untilHealthy());
});

test.each([
  ['two', { a: { replicatefrom: 'b' }, b: { replicatefrom: 'a' } }, ['c', 'a', null]],
  ['three', { a: { replicatefrom: 'b' }, b: { replicatefrom: 'd' }, d: { replicatefrom: 'a' } }, ['c', 'd', null, 'a']],
])(
  '%s members name each other in a circle: the first of them follows the leader, and feeds the others',
  (_many, tags, fed) => {
    const story = new Scenario({ nodes: fed.length, tags }).passes(20_000);
    story.happens({ kind: 'failover', of: 'leader', candidate: 2 }).passes(20_000).untilHealthy();

    expect(story.world.nodes.map(({ place }) => upstreamOf(story, place))).toEqual(fed);
    expectKept(story);
  },
);
