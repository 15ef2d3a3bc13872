import { expect, test } from 'vitest';
import { revision } from '../../src/domain/names.ts';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Place } from '../../src/simulator/world/network.ts';
import type { Settings } from '../../src/simulator/world/settings.ts';

/** A cluster was created a moment ago, and nobody but its creator knows its identifier. */
function created(change: Partial<Settings>): { readonly story: Scenario; readonly creator: Place } {
  const story = new Scenario({ ttl: 3, loopWait: 1, ...change });
  story.until('the first server is a primary', () => story.world.leader() !== null, 10_000);
  return { story, creator: story.leader() };
}

const identifierAt = (story: Scenario, place: Place) => story.node(place).postgres.files?.systemId ?? null;

test('whoever created the cluster, and lost the store before it was registered, leads it when it is back within a ttl (seed 31000245)', () => {
  // It is killed, and has to recover first, for longer than the others wait.
  const slow = { stop: { from: 20_000, to: 20_000 }, crashRecovery: { from: 4_000, to: 4_000 } } as const;
  const { story, creator } = created(slow);
  const cluster = identifierAt(story, creator);

  story.happens({ kind: 'store-refuses', span: 4_700 }).passes(4_700).untilHealthy();

  expect(story.leader()).toBe(creator);
  expect(story.world.nodes.map((node) => identifierAt(story, node.place))).toEqual([cluster, cluster, cluster]);
  expect(story.violation, story.ending()).toBeNull();
});

test('when it is away for longer another one is created; what it has stays, also when a new copy is ordered there by force (seed 31000245)', () => {
  // The store answers before PostgreSQL is looked at: an order that comes in between is taken.
  const { story, creator } = created({ look: { from: 200, to: 300 } });
  const target = story.numberOf(creator);
  const own = identifierAt(story, creator);

  story.happens({ kind: 'cut-node', target, span: 20_000, from: 'all', direction: 'both' });
  story.untilLeaderIsNot(creator, 20_000).passes(20_000);
  for (let asked = 0; asked < 400; asked += 1)
    story.happens({ kind: 'reinitialize', of: target, force: true }).passes(50);

  expect(story.transcript().some((line) => line.includes('reinitialize started'))).toBe(true);
  expect(identifierAt(story, story.leader())).not.toBe(own);
  expect(identifierAt(story, creator)).toBe(own);
  expect(story.violation, story.ending()).toBeNull();
});

test('what was being created when its agent ended was never a cluster: it is copied from whoever created one since (seed 31001738)', () => {
  const story = new Scenario({ ttl: 3, loopWait: 1, crashRecovery: { from: 4_000, to: 4_000 } });
  const creates = (place: Place) => story.node(place).postgres.server.kind === 'starting';
  story.until('the first server starts', () => story.world.nodes.some(({ place }) => creates(place)), 10_000);
  const creator = story.world.nodes.find(({ place }) => creates(place))?.place ?? '';

  story.happens({ kind: 'kill-agent', target: story.numberOf(creator), span: 25_000 }).passes(25_000);
  const isCopied = () => identifierAt(story, creator) === identifierAt(story, story.leader());
  story.until('the creator has the data of the other cluster', isCopied, 30_000).untilHealthy();

  expect(story.leader()).not.toBe(creator);
  expect(story.transcript().filter((line) => line.includes('foreign-cluster'))).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('what somebody wrote late whose creation was given up elects nobody in the cluster of the next one (seed 31021284)', () => {
  // Of the writes that a cut keeps, some arrive after it: with this seed the sync key, and not the registration.
  const story = new Scenario({
    seed: 31_021_284,
    ttl: 20,
    synchronous: { mode: 'quorum', strict: false, nodeCount: 1 },
  });
  story.until('the first lock is taken', () => story.world.lockHolder() !== null, 10_000).passes(300);
  const first = story.world.lockHolder() ?? '';
  const target = story.numberOf(first);

  story.happens({ kind: 'cut-node', target, span: 12_000, from: 'all', direction: 'outbound' }).passes(9_500);
  story.happens({ kind: 'freeze-agent', target, span: 60_000 }).untilLeaderIsNot(first, 60_000).passes(1_000);

  const late = story.transcript().filter((line) => line.includes(` by ${first}: {"leader":"${first}"`));
  expect(late).toHaveLength(1);
  expect(story.violation, story.ending()).toBeNull();
  story.recovers();
  expect(story.violation, story.ending()).toBeNull();
});

test('what a creation that was given up has left is set aside, also when a new copy is ordered there by force (seed 20319012)', () => {
  const story = new Scenario({ seed: 20_319_012, ttl: 8 });
  story.until('a cluster is being created', () => story.world.lockHolder() !== null, 10_000).passes(200);
  const creator = story.world.lockHolder() ?? '';
  const target = story.numberOf(creator);

  // It sleeps through the end of its lease; the order lies there when it wakes up.
  story.happens({ kind: 'freeze-agent', target, span: 28_000 }).untilLeaderIsNot(creator, 20_000);
  story.happens({ kind: 'reinitialize', of: target, force: true }).passes(20_000).untilHealthy();

  const says = (words: string) => story.transcript().filter((line) => line.includes(words));
  expect(says('set-aside-data').length, story.ending()).toBeGreaterThan(0);
  expect(says('reinitialize-copy')).toEqual([]);
  expect(identifierAt(story, creator)).toBe(identifierAt(story, story.leader()));
  expect(story.violation, story.ending()).toBeNull();
});

test('a cluster whose first server stands still is not finished, and what its guardian killed never writes (seed 20483273)', () => {
  const story = new Scenario({ ttl: 10, loopWait: 1, start: { from: 1_000, to: 1_000 } });
  const stateAt = (place: Place) => story.node(place).postgres.server.kind;
  const starts = () => story.world.nodes.find(({ place }) => stateAt(place) === 'starting')?.place ?? '';
  story.until('the first server starts', () => starts() !== '', 10_000);
  const creator = starts();
  const target = story.numberOf(creator);

  story.happens({ kind: 'freeze-agent', target, span: 12_000 });
  story.until('it is a primary', () => stateAt(creator) === 'primary', 2_000);
  story.happens({ kind: 'hang-postgres', target, span: 15_000, how: 'disk' }).passes(14_000);
  expect(story.transcript().some((line) => line.includes(`${creator} guardian     kills PostgreSQL`))).toBe(true);
  expect(stateAt(creator)).toBe('primary');
  expect(story.node(creator).postgres.hasWriters).toBe(false);
  story.untilHealthy();

  expect(story.violation, story.ending()).toBeNull();
});

test('an empty store takes the place of the old one while a replica is copied anew: that one creates no other cluster', () => {
  const story = new Scenario({ seed: 2, clone: { from: 10_000, to: 10_000 } }).untilHealthy().passes(5_000);
  const { store } = story.world;
  const own = identifierAt(story, story.leader());
  const [replica = ''] = story.replicas();

  story.happens({ kind: 'reinitialize', of: story.numberOf(replica), force: true }).passes(3_000);
  for (const member of store.leadership.members) store.leadership.stop(member);
  story.passes(8_000);
  store.restore({ keys: { revision: revision(1n), pairs: [] }, leases: [] });
  for (const member of store.leadership.members) store.leadership.restart(member);
  story.passes(20_000).recovers();

  expect(story.violation, story.ending()).toBeNull();
  expect(story.world.nodes.map((node) => identifierAt(story, node.place))).toEqual([own, own, own]);
});
