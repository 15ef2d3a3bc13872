import { expect, test } from 'vitest';
import { memberName, slotNameOf, storeKey } from '../../src/domain/names.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

const LINGERS = { brokenConnections: { from: 60_000, to: 60_000 } } as const;

function begin(change: ConstructorParameters<typeof Scenario>[0] = {}) {
  const story = new Scenario({ ...LINGERS, ...change }).untilHealthy().passes(5_000);
  const [place = '', other = ''] = story.replicas();
  const { postgres } = story.node(story.leader());
  const slot = slotNameOf(memberName(place));
  const lasting = () => postgres.brokenConnections.map((each) => each.applicationName);
  return { story, place, other, postgres, slot, lasting };
}

test('a standby that lost its power keeps its slot, and is refused, until what is sent again reaches its machine', () => {
  const { story, place, postgres, slot, lasting } = begin();
  const { position } = story.node(place).postgres;
  story.happens({ kind: 'power-off', target: story.numberOf(place), span: 12_000 }).passes(10_000);
  expect(lasting()).toEqual([place]);
  expect(postgres.slots.all().find((each) => each.name === slot)).toMatchObject({ active: true });
  expect(postgres.brokenConnections[0]?.position).toBeLessThanOrEqual(position);

  story.until('it is standby again', () => story.node(place).postgres.server.kind === 'standby', 10_000);
  expect([lasting(), story.node(place).postgres.link.upstream]).toEqual([[place], null]);
  story.untilHealthy(20_000);
  expect([lasting(), story.violation]).toEqual([[], null]);
});

test('it times out where its machine stays away', () => {
  const { story, place, postgres, slot, lasting } = begin();
  story.happens({ kind: 'power-off', target: story.numberOf(place), span: 100_000 }).passes(59_000);
  expect(lasting()).toEqual([place]);
  story.passes(1_500);
  expect(lasting()).toEqual([]);
  expect(postgres.slots.all().find((each) => each.name === slot)?.active ?? false).toBe(false);
  expect(story.faultsEnd().untilHealthy().violation).toBeNull();
});

test('who ends in order, or is killed, is missed at once; behind a cut, only later', () => {
  const { story, place, lasting } = begin();
  const target = story.numberOf(place);
  story.happens({ kind: 'kill-postgres', target }).passes(10);
  expect(lasting()).toEqual([]);

  story.untilHealthy().happens({ kind: 'cut-node', target, from: 'peers', direction: 'both', span: 30_000 });
  story.passes(2_000).happens({ kind: 'kill-postgres', target }).passes(10);
  expect(lasting()).toEqual([place]);
  expect(story.faultsEnd().untilHealthy().violation).toBeNull();
});

test('commits that wait for the best standby that is there wait for one whose connection only looks alive', () => {
  const { story, place, other, postgres, lasting } = begin();
  story.happens({ kind: 'set-sync-names', of: 'leader', names: `FIRST 1 (${place}, ${other})` }).passes(5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(place), span: 100_000 }).passes(2_000);
  const held = postgres.acknowledgedPosition;
  expect(story.passes(50_000).violation).toBeNull();
  expect([lasting(), postgres.acknowledgedPosition]).toEqual([[place], held]);
  story.passes(10_000);
  expect(lasting()).toEqual([]);
  expect(postgres.acknowledgedPosition).toBeGreaterThan(held);
});

test('a standby that stood still for longer than its walsender waits connects anew', () => {
  const { story, place } = begin();
  const { link } = story.node(place).postgres;
  const connection = () => story.transcript().filter((line) => line.includes('streams from')).length;
  const before = connection();
  story.happens({ kind: 'hang-postgres', target: story.numberOf(place), how: 'stopped', span: 50_000 }).passes(52_000);
  expect(connection()).toBe(before);
  story.happens({ kind: 'hang-postgres', target: story.numberOf(place), how: 'stopped', span: 65_000 }).passes(67_000);
  expect(connection()).toBe(before + 1);
  expect(link.isFlowing).toBe(true);
  expect(story.violation).toBeNull();
});

test('who was copied anew from a standby that lags has nothing proven by its broken connection', () => {
  const story = new Scenario({
    ...LINGERS,
    nodes: 4,
    synchronous: { mode: 'on', strict: false, nodeCount: 1 },
    writeLoad: { bytesPerMs: 500, busyMs: 30_000, idleMs: 90_000 },
    tags: { d: { clonefrom: true } },
  }).untilHealthy();
  const [leader, lags, waitedFor] = [story.at(125_000).leader(), 'd', storedVoters(story)];
  const [other = ''] = story.replicas().filter((place) => place !== lags && place !== waitedFor);
  expect([leader, waitedFor]).not.toContain(lags);
  const cut = (place: string) =>
    story.world.network.cut([
      { from: leader, to: place },
      { from: place, to: leader },
    ]);
  // One lags, and nothing is written any more. Another one is cut off, too, and copied from it; then the voter dies.
  cut(lags);
  story.at(152_000);
  cut(other);
  story
    .passes(500)
    .node(other)
    .agent.request({ kind: 'reinitialize', force: true, fromLeader: false }, () => undefined);
  story.passes(6_000);
  const { postgres } = story.node(leader);
  expect(story.node(other).postgres.position).toBeLessThan(postgres.acknowledgedPosition);
  expect(postgres.brokenConnections.map((each) => each.applicationName)).toEqual([other]);
  story.happens({ kind: 'power-off', target: story.numberOf(waitedFor), span: 300_000 }).passes(20_000);
  expect([story.violation, storedVoters(story)]).toEqual([null, '']);
});

/** Those that the `sync` key names. */
function storedVoters(story: Scenario): string {
  const stored = story.world.store.keys.get(storeKey('sync'))?.value ?? '';
  return /"sync_standby":"([^"]*)"/.exec(stored)?.[1] ?? '';
}
