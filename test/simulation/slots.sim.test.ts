import { expect, test } from 'vitest';
import { slotName, storeKey } from '../../src/domain/names.ts';
import type { ServerSlots } from '../../src/simulator/postgres/server-slots.ts';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Settings } from '../../src/simulator/world/settings.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.ending()).toBeNull();
}

const CDC = slotName('cdc');
const ARCHIVE = slotName('archive');
const SLOTS = { cdc: { type: 'logical', database: 'shop', plugin: 'pgoutput' }, archive: { type: 'physical' } };

/** A cluster whose standbys have their copies of the permanent slots. */
function withSlots(settings: Partial<Settings> = {}): Scenario {
  const story = new Scenario({ slots: SLOTS, ...settings }).untilHealthy();
  return story.until('every node has the slots', () => hasAll(story), 60_000).untilHealthy();
}

function hasAll(story: Scenario): boolean {
  return story.world.nodes.every(({ postgres }) => postgres.slots.logical(CDC) !== null && hasArchive(postgres));
}

function hasArchive({ slots }: { readonly slots: ServerSlots }): boolean {
  return slots.all().some(({ name }) => name === ARCHIVE);
}

function confirmedOn(story: Scenario, place: string): number {
  return story.node(place).postgres.slots.logical(CDC)?.confirmed ?? -1;
}

/** How often each host was restarted for its slots from now on. */
function countCopies(story: Scenario): Map<string, number> {
  const copies = new Map<string, number>();
  story.world.listen((fact) => {
    if (fact.kind !== 'task-began' || fact.task.kind !== 'copy-slots') return;
    copies.set(fact.host, (copies.get(fact.host) ?? 0) + 1);
  });
  return copies;
}

test('CC176: a new standby gets its leader’s logical slots by one restart, and keeps up from then on', () => {
  const story = new Scenario({ slots: SLOTS });
  const copies = countCopies(story);
  story
    .untilHealthy()
    .until('every node has the slots', () => hasAll(story), 60_000)
    .untilHealthy();
  const [standby = ''] = story.replicas();
  const before = confirmedOn(story, standby);
  story.passes(30_000);

  expect([...copies.values()]).toEqual([1, 1]);
  expect(confirmedOn(story, standby)).toBeGreaterThan(before);
  expect(confirmedOn(story, standby)).toBeLessThanOrEqual(confirmedOn(story, story.leader()));
  expectKept(story);
});

test('a failover: the consumer goes on where it was, and the former leader has its slots again', () => {
  const story = withSlots();
  const old = story.leader();
  story.happens({ kind: 'power-off', target: 'leader', span: 20_000 }).untilLeaderIsNot(old, 6_500);
  const successor = story.leader();
  const before = confirmedOn(story, successor);
  expect(before).toBeGreaterThan(0);

  story.until('it is read', () => confirmedOn(story, successor) > before, 5_000);
  story
    .passes(20_000)
    .until('every node has the slots', () => hasAll(story), 60_000)
    .untilHealthy();
  expectKept(story);
});

test('a switchover to and fro keeps every slot in its place', () => {
  const story = withSlots();
  for (let round = 0; round < 4; round += 1) {
    const [next = ''] = story.replicas();
    // Everybody has told where it is by then.
    story.passes(5_000).switchover(next);
    story.until('it leads', () => story.world.leader()?.place === next, 20_000).untilHealthy();
    story.until('every node has the slots', () => hasAll(story), 60_000);
  }
  expectKept(story);
});

test('a slot that somebody dropped on a standby is copied once more', () => {
  const story = withSlots();
  const [standby = ''] = story.replicas();
  const copies = countCopies(story);
  story.happens({ kind: 'drop-unused-slots', target: story.numberOf(standby) });
  story.until('every node has the slots', () => hasAll(story), 60_000).untilHealthy();

  expect([...copies]).toEqual([[standby, 1]]);
  expectKept(story);
});

test('a new leader that knows of no member that is away keeps the slots that are here (seed 710233)', () => {
  const story = new Scenario({ seed: 710_233 });
  story.at(1_739).happens({ kind: 'store-refuses', span: 14_382 });
  story.at(8_124).happens({ kind: 'stop-agent', target: 1, span: 1_124 });
  expectKept(story.at(30_000).recovers());
});

test('an agent that begins anew keeps the slot of a member that is away and that its leader has never seen (seed 10021517)', () => {
  const story = new Scenario({ seed: 10_021_517, ttl: 8, standbyCluster: true });
  story.at(1_380).happens({ kind: 'freeze-agent', target: 'leader', span: 22_976 });
  story.at(6_969).happens({ kind: 'stop-agent', target: 1, span: 1_463 });
  story.at(24_075).happens({ kind: 'power-off', target: 2, span: 107 });
  expectKept(story.at(30_000).recovers());
});

test('a replica behind in its replay waits with the copy until it has what the consumer has (W36)', () => {
  const story = new Scenario({ slots: SLOTS });
  story.untilHealthy();
  const [standby = ''] = story.replicas();
  story.happens({ kind: 'pause-replay', target: story.numberOf(standby), span: 20_000 }).passes(15_000);
  story.until('every node has the slots', () => hasAll(story), 60_000);
  expectKept(story);
});

test('a leader that was tagged to never lead keeps the slots of members and of consumers while it leads', () => {
  const story = withSlots({ walKeepBytes: 0 });
  const [away = ''] = story.replicas();
  const leads = { kind: 'kill-agent', target: story.numberOf(story.leader()), span: 300 } as const;
  story.node(story.leader()).agent.edit({ tags: { nofailover: true } });
  story.happens(leads).passes(5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(away), span: 6_000 }).passes(10_000);
  story.until('every node that may lead has the slots', () => hasAll(story), 60_000).untilHealthy();
  expectKept(story);
});

test('T-11: an empty configuration is written over by the leader, and nobody takes it for none of the slots', () => {
  const story = withSlots();
  const config = () => story.world.store.keys.get(storeKey('config'))?.value ?? '';
  const [before, confirmed] = [config(), confirmedOn(story, story.leader())];
  const value = { kind: 'json', json: {} } as const;

  story.world.store.write({ key: storeKey('config'), action: { kind: 'put', value, lease: null }, when: [] });
  story.until('the leader has written its own', () => config() === before, 3_000).passes(10_000);

  expect(confirmedOn(story, story.leader())).toBeGreaterThan(confirmed);
  expectKept(story);
});

test('a standby whose replay is paused has the slot of its connection until that ends, whatever it is told (seed 38004463)', () => {
  const story = new Scenario({
    seed: 38_004_463,
    nodes: 5,
    ttl: 20,
    loopWait: 10,
    retryTimeout: 5,
    clockDriftMax: 0.001,
    writeLoad: { bytesPerMs: 500, busyMs: 20_000, idleMs: 20_000 },
    walKeepBytes: 0,
    failsafeMode: true,
    tags: {
      c: { nofailover: false, failover_priority: 0 },
      d: { nofailover: false, failover_priority: 0 },
      e: { clonefrom: true },
    },
  });

  story.at(42_279).happens({ kind: 'restore-store', span: 19_902 });
  story.at(75_015).happens({ kind: 'kill-agent', target: 'leader', span: 38_529 });
  story.at(365_368).happens({ kind: 'store-refuses', span: 16_356 });
  story.at(376_069).happens({ kind: 'cut-node', target: 1, span: 58_945, from: 'all', direction: 'inbound' });
  story.at(393_378).happens({ kind: 'pause-replay', target: 3, span: 50_260 });
  story.at(435_224).recovers();

  expectKept(story);
});
