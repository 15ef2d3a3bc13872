import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

/** How often each host has copied the leader's files from now on. */
function countCopies(story: Scenario): Map<string, number> {
  const copies = new Map<string, number>();
  story.world.listen((fact) => {
    if (fact.kind !== 'task-began' || fact.task.kind !== 'clone') return;
    copies.set(fact.host, (copies.get(fact.host) ?? 0) + 1);
  });
  return copies;
}

/** WAL goes as soon as no slot holds it back. */
const KEEPS_NOTHING = { walKeepBytes: 0 };
/** More than a segment is written in that time, and more than one checkpoint made. */
const LONG_MS = 700_000;

test('a slot holds back what a member needs that is away, also across a failover', () => {
  const story = new Scenario(KEEPS_NOTHING).untilHealthy().passes(5_000);
  const [away = '', other = ''] = story.replicas();
  const copies = countCopies(story);

  story.happens({ kind: 'power-off', target: story.numberOf(away), span: LONG_MS });
  story.passes(LONG_MS / 2).switchover(other);
  story.until('the other leads', () => story.world.leader()?.place === other, 20_000);
  story.passes(LONG_MS / 2).untilHealthy();

  expect(copies.size).toBe(0);
  expectKept(story);
});

function starved(settings: { readonly removeDataOnDivergence: boolean }) {
  const story = new Scenario({ ...KEEPS_NOTHING, ...settings }).untilHealthy().passes(5_000);
  const [away = ''] = story.replicas();
  const copies = countCopies(story);
  story.happens({ kind: 'power-off', target: story.numberOf(away), span: 200_000 }).passes(190_000);
  story.happens({ kind: 'drop-unused-slots', target: 'leader' }).passes(10_000);
  return { story, copies, away };
}

test('a member whose next WAL is removed everywhere gets a new copy, where removing data is allowed', () => {
  const { story, copies, away } = starved({ removeDataOnDivergence: true });
  story.until('it is copied', () => copies.has(away), 60_000).untilHealthy();

  expect([...copies]).toEqual([[away, 1]]);
  expectKept(story);
});

test('where it is not, it goes on serving what it has, and says what it needs', () => {
  const { story, copies, away } = starved({ removeDataOnDivergence: false });
  story.passes(120_000);

  expect(copies.size).toBe(0);
  const { postgres, agent } = story.node(away);
  expect(postgres.server.kind).toBe('standby');
  // Now and then it asks once more.
  story.until('it says so', () => agent.snapshot()?.decision.rule === 'starved-needs-operator', 5_000);
  expect(story.world.isHealthy()).toBe(true);
  expectKept(story);
});

test('a former primary that cannot start after its rewind, for want of WAL, gets a new copy', () => {
  const story = new Scenario(KEEPS_NOTHING).untilHealthy().passes(5_000);
  const old = story.leader();
  const copies = countCopies(story);

  story.happens({ kind: 'power-off', target: 'leader', span: 200_000 }).untilLeaderIsNot(old, 6_500).passes(180_000);
  story.happens({ kind: 'drop-unused-slots', target: 'leader' });
  story.until('the old one is copied', () => copies.get(old) === 1, 60_000).untilHealthy();

  expectKept(story);
});
