import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** What a failing scenario is told by: the end of its transcript. */
function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

/** The transcript's lines of one speaker, as `a agent` or `store`. */
function linesOf(story: Scenario, who: string, text: string): readonly string[] {
  return story.transcript().filter((line) => line.slice(11).startsWith(who) && line.includes(text));
}

test('a store restored from a backup: lower revisions are accepted after the silence, and the cluster is well again', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const { store } = story.world;
  const seen = new Map<string, bigint>();
  story.world.listen((fact) => {
    if (fact.kind === 'picture-seen') seen.set(fact.host, fact.revision);
  });

  story.happens({ kind: 'restore-store', span: 60_000 });
  const inBackup = store.keys.revision;
  for (let round = 0; round < 5; round += 1) {
    story.happens({ kind: 'switchover', of: 'leader', from: 'leader', candidate: 'any' }).passes(10_000);
  }
  const newest = store.keys.revision;
  story.until('the store is an older one', () => linesOf(story, 'store', 'is restored').length > 0, 30_000);
  story.untilHealthy(20_000);

  // Well long before the store's revisions have caught up: nobody waited for them.
  expect(store.keys.revision).toBeLessThan(newest);
  for (const { place } of story.world.nodes) {
    expect(seen.get(place)).toBeGreaterThanOrEqual(inBackup);
    expect(seen.get(place)).toBeLessThanOrEqual(store.keys.revision);
  }
  expectKept(story);
});

test('a leader of the store cut off from its fellows answers keep-alives: nothing is extended by them', () => {
  const story = new Scenario({ ttl: 10, loopWait: 4, retryTimeout: 3 }).untilHealthy().passes(5_000);

  story.happens({ kind: 'split-store-leader', span: 30_000 }).passes(30_000).untilHealthy();

  expectKept(story);
});

test('a leader of the store that waits for its disk answers keep-alives: nothing is extended by them, and nobody notices', () => {
  const story = new Scenario({ ttl: 10, loopWait: 4, retryTimeout: 3 }).untilHealthy().passes(5_000);
  const leader = story.leader();
  const { leadership } = story.world.store;
  const stuck = leadership.leader;

  story.happens({ kind: 'stick-store-leader', span: 30_000 }).passes(20_000);
  expect(leadership.leader).not.toBe(stuck);
  expect(stuck !== null && leadership.believesToLead(stuck)).toBe(true);
  story.passes(15_000).untilHealthy();

  expect(story.leader()).toBe(leader);
  expectKept(story);
});

test('watches that hang are left: a leader that dies meanwhile is succeeded', () => {
  const story = new Scenario().untilHealthy().passes(3_000);
  const old = story.leader();

  story.happens({ kind: 'hung-watches', span: 60_000 });
  story.happens({ kind: 'power-off', target: 'leader', span: 30_000 }).untilLeaderIsNot(old, 12_000);

  expectKept(story.passes(30_000).untilHealthy());
});

test('a virtual machine stopped longer than its lease, with its clocks: another leads, and it rejoins', () => {
  const story = new Scenario().untilHealthy();
  const old = story.leader();

  story.happens({ kind: 'pause-machine', target: 'leader', span: 15_000, clocks: 'stand-still' });
  story.untilLeaderIsNot(old, 7_500).passes(15_000).untilHealthy();

  expectKept(story);
});

test('a machine that was suspended longer than its lease: its heartbeat notices, and it is fenced at once', () => {
  const story = new Scenario().untilHealthy();
  const old = story.leader();

  story.happens({ kind: 'pause-machine', target: 'leader', span: 15_000, clocks: 'run-on' });
  story.passes(15_000).until('it is quiet', () => !story.node(old).postgres.acknowledges, 500);
  story.until('it is noticed', () => linesOf(story, `${old} heartbeat`, 'was suspended').length > 0, 1_000);

  expectKept(story.untilHealthy());
});

test('wall clocks that jump by hours change nothing', () => {
  const story = new Scenario().untilHealthy();
  const old = story.leader();

  story.happens({ kind: 'step-wall-clock', target: 'leader', byMs: 7_200_000 });
  story.happens({ kind: 'step-wall-clock', target: story.numberOf(story.replicas()[0] ?? old), byMs: -7_200_000 });
  story.passes(30_000);

  expect(story.leader()).toBe(old);
  expectKept(story.untilHealthy());
});

test('the store runs out of space: what was under way is done and refused, and the sync key is looked at again', () => {
  const synchronous = { mode: 'on', strict: true, nodeCount: 2 } as const;
  const story = new Scenario({ seed: 2, ttl: 10, loopWait: 10, retryTimeout: 3, synchronous }).untilHealthy();
  story.passes(15_000);
  const [, away = ''] = story.replicas();
  const number = story.numberOf(away);
  const key = () => story.world.store.keys.all().find((pair) => pair.key === 'sync')?.value ?? '';
  const before = key();
  story.happens({ kind: 'power-off', target: number, span: 20_000 }).passes(20_000);
  expect(key()).not.toBe(before);
  story.happens({ kind: 'late-watches', span: 20_000, extraMs: 2_900 });
  const leader = `${story.leader()} agent`;
  story.until('it is let in again', () => lastLine(story, leader)?.includes('sync-key') === true, 20_000);
  // The answer says that there is no space, and the watch says nothing yet; it goes away again.
  story.happens({ kind: 'fill-store', span: 600 }).passes(30);
  expect(key()).toBe(before);
  story.happens({ kind: 'cut-node', target: number, span: 60_000, from: 'peers', direction: 'both' });
  story.happens({ kind: 'kill-postgres', target: number }).passes(10_000);
  expectKept(story);
});

test('a store without space: its primary goes on, and is back when there is some if its agent is restarted meanwhile', () => {
  const story = new Scenario({ ttl: 10, loopWait: 4, retryTimeout: 3 }).untilHealthy().passes(5_000);
  const leader = story.leader();
  story.happens({ kind: 'fill-store', span: 60_000 }).passes(30_000);
  expect(story.leader()).toBe(leader);

  story.happens({ kind: 'kill-agent', target: 'leader', span: 1_000 }).passes(25_000);
  expect(story.world.leader()).toBeNull();
  story.untilHealthy(20_000);
  expectKept(story);
});

function lastLine(story: Scenario, who: string): string | undefined {
  return story.transcript().findLast((line) => line.slice(11).startsWith(who));
}
