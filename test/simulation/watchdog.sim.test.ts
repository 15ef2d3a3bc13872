/** What only a kernel watchdog covers, and that it does nothing else. */
import { expect, test } from 'vitest';
import { isPaused } from '../../src/simulator/faults/cluster-pause.ts';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Fact } from '../../src/simulator/world/facts.ts';
import type { Settings, WatchdogKind } from '../../src/simulator/world/settings.ts';

const required: WatchdogKind = { mode: 'required', safetyMargin: 5, canClose: true, stepMs: 1_000 };
const timings = { ttl: 10, loopWait: 4, retryTimeout: 3 } as const;
const LEASE_MS = 10_000;
const longLease = { ttl: 20, loopWait: 2, retryTimeout: 1 } as const;

function begin(
  watchdog: Partial<WatchdogKind> = {},
  settings: Partial<Settings> = {},
  seed = 1,
): { story: Scenario; resets: Fact[] } {
  const story = new Scenario({ seed, ...timings, ...settings, watchdog: { ...required, ...watchdog } });
  const resets: Fact[] = [];
  story.world.listen((fact) => {
    if (fact.kind === 'watchdog-reset') resets.push(fact);
  });
  return { story: story.untilHealthy(), resets };
}

test('agent and guardian stop together: the machine is reset before the lease is over, and another member leads', () => {
  const { story, resets } = begin();
  const old = story.leader();
  story.passes(2_000).happens({ kind: 'freeze-both', target: 'leader', span: 60_000 });
  story.until('the reset', () => resets.length > 0, LEASE_MS);
  story.untilLeaderIsNot(old, LEASE_MS).recovers();

  expect(resets).toMatchObject([{ host: old }]);
  expect(story.violation, story.ending()).toBeNull();
});

test('so is a machine that stands still, whether or not its clocks do', () => {
  for (const clocks of ['run-on', 'stand-still'] as const) {
    const { story, resets } = begin();
    const old = story.leader();
    story.passes(2_000).happens({ kind: 'pause-machine', target: 'leader', span: 60_000, clocks });
    story.untilLeaderIsNot(old, 2 * LEASE_MS).recovers();

    expect(resets, clocks).toHaveLength(1);
    expect(story.violation, story.ending()).toBeNull();
  }
});

test('an agent that is frozen, killed or cut off from the store leaves the guardian to fence: no reset', () => {
  for (const fault of [
    { kind: 'freeze-agent', target: 'leader', span: 30_000 },
    { kind: 'kill-agent', target: 'leader', span: 30_000 },
    { kind: 'cut-node', target: 'leader', span: 30_000, from: 'all', direction: 'both' },
  ] as const) {
    const { story, resets } = begin();
    const old = story.leader();
    story
      .passes(2_000)
      .happens(fault)
      .untilLeaderIsNot(old, 2 * LEASE_MS)
      .recovers();

    expect(resets, fault.kind).toEqual([]);
    expect(story.violation, story.ending()).toBeNull();
  }
});

test('a guardian that is killed is replaced, and the new one goes on with the device', () => {
  const { story, resets } = begin();
  const old = story.leader();
  for (let kills = 0; kills < 5; kills += 1) story.passes(9_000).happens({ kind: 'kill-guardian', target: 'leader' });
  story.passes(20_000);

  expect(story.leader()).toBe(old);
  expect(story.node(old).watchdog.isCounting).toBe(true);
  expect(resets).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('both killed, and back within the lease: the device is opened again and goes on', () => {
  const { story, resets } = begin();
  const old = story.leader();
  story.passes(2_000).happens({ kind: 'kill-both', target: 'leader', span: 1_000 }).passes(30_000);

  expect(story.leader()).toBe(old);
  expect(resets).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('seed 97: both killed, and back: before the lock is proven anew it is not fed for the new lease', () => {
  const slow = { ttl: 30, loopWait: 10, retryTimeout: 10, storeCommit: { from: 20, to: 40 } };
  const { story, resets } = begin({ safetyMargin: 2 }, slow);
  story.passes(2_000).happens({ kind: 'kill-both', target: 'leader', span: 4_000 }).passes(30_000);

  expect(resets).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('seed 10012239: both killed, and back, and the lock is not to be had: the device counts on for the PostgreSQL that runs', () => {
  for (const seed of [30, 32]) {
    const { story, resets } = begin({ safetyMargin: 2 }, { ttl: 30, loopWait: 10, retryTimeout: 10 }, seed);
    const old = story.leader();
    story.passes(6_000).happens({ kind: 'kill-both', target: 'leader', span: 20_000 }).passes(19_900);
    // The write of the lock does not reach the store, and what is read afterwards shows the old lease.
    story.happens({ kind: 'lost-requests', span: 20_000, probability: 0.4 }).passes(30_000);

    expect(story.violation, story.ending()).toBeNull();
    expect(resets).toMatchObject([{ host: old }]);
  }
});

test('seed 70: one that closing does not stop is fed for ever, and by a guardian without an agent, too', () => {
  const { story, resets } = begin({ canClose: false });
  const old = story.leader();
  const number = story.numberOf(old);
  story.happens({ kind: 'switchover', of: 'leader', from: 'leader', candidate: 'any' }).untilLeaderIsNot(old, 30_000);
  story.passes(10_000).happens({ kind: 'kill-agent', target: number, span: 200_000 }).passes(180_000);

  expect(story.node(old).watchdog.isCounting).toBe(true);
  expect(resets).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('seed 6576: timings that leave no time-out for it: one that cannot be closed is kept from firing', () => {
  const { story, resets } = begin({ mode: 'automatic', canClose: false }, { ttl: 30, loopWait: 10, retryTimeout: 10 });
  story.happens({ kind: 'change-timings', of: 'leader', ttl: 5, loopWait: 2, retryTimeout: 1 }).passes(60_000);

  expect(resets).toEqual([]);
  expect(story.violation, story.ending()).toBeNull();
});

test('seed 30051156: and covers nothing: agent and guardian both gone are outside the promise then', () => {
  const margin = { mode: 'automatic', safetyMargin: -1, canClose: false } as const;
  const { story } = begin(margin, { ttl: 30, loopWait: 10, retryTimeout: 10 });
  story.happens({ kind: 'change-timings', of: 'leader', ttl: 5, loopWait: 2, retryTimeout: 1 }).passes(5_000);

  expect(story.node(story.leader()).watchdog.isCounting).toBe(true);
  expect(() => story.happens({ kind: 'freeze-both', target: 'leader', span: 10_000 })).toThrow('cannot happen now');
});

test('a shorter ttl that leaves a time-out: the device is set to fire sooner before the lock moves, and fires within the new lease', () => {
  for (const canClose of [true, false]) {
    const { story, resets } = begin({ canClose, safetyMargin: -1 }, { ttl: 30, loopWait: 10, retryTimeout: 10 });
    const old = story.leader();
    story.happens({ kind: 'change-timings', of: 'leader', ttl: 8, loopWait: 2, retryTimeout: 1 });
    story.passes(500).happens({ kind: 'freeze-both', target: 'leader', span: 60_000 });
    story.until('the reset', () => resets.length > 0, 8_000).untilLeaderIsNot(old, 8_000);

    expect(story.recovers().violation, story.ending()).toBeNull();
  }
});

test('seed 10004065: a pause ends, and no proof comes after it: one that closing does not stop leaves the guardian to fence', () => {
  for (const wait of [1_000, 2_000, 3_000, 4_000]) {
    const timings = { ttl: 20, loopWait: 2, retryTimeout: 1 };
    const { story, resets } = begin({ canClose: false, safetyMargin: 2 }, timings);
    story.passes(wait).happens({ kind: 'pause-cluster', of: 0, span: 2_500 }).passes(3_000);
    story.happens({ kind: 'cut-node', target: 'leader', span: 20_000, from: 'store', direction: 'both' });
    story.passes(20_000);

    expect(resets, String(wait)).toEqual([]);
    expect(story.recovers().violation, story.ending()).toBeNull();
  }
});

test('seed 10004065: a pause ends, and no proof comes: one that closing does not stop leaves the guardian to fence', () => {
  for (const wait of [0, 1_000, 2_000, 3_000]) {
    const { story, resets } = begin({ canClose: false, safetyMargin: 2 }, longLease);
    story.passes(wait).happens({ kind: 'pause-cluster', of: 0, span: 2_500 }).passes(3_000);
    story.happens({ kind: 'cut-node', target: 'leader', span: 25_000, from: 'store', direction: 'both' });
    story.passes(25_000);

    expect(resets, String(wait)).toEqual([]);
    expect(story.recovers().violation, story.ending()).toBeNull();
  }
});

test('and when agent and guardian are killed then, it fires before the lease is over', () => {
  for (const wait of [0, 1_000, 2_000, 3_000]) {
    const { story, resets } = begin({ canClose: false, safetyMargin: 2 }, longLease);
    story.passes(wait).happens({ kind: 'pause-cluster', of: 0, span: 2_500 }).passes(3_000);
    story.happens({ kind: 'kill-both', target: 'leader', span: 60_000 }).passes(20_000);

    expect(resets, String(wait)).toHaveLength(1);
    expect(story.recovers().violation, story.ending()).toBeNull();
  }
});

test('CC76: required and not there: another member leads; there again, it may', () => {
  const { story } = begin();
  const old = story.leader();
  const [lacking, other] = story.replicas();
  if (lacking === undefined || other === undefined) throw new Error('three members are needed');
  story.happens({ kind: 'break-watchdog', target: story.numberOf(lacking), span: 60_000 }).passes(10_000);
  story.happens({ kind: 'power-off', target: 'leader', span: 50_000 }).untilLeaderIsNot(old, 2 * LEASE_MS);

  expect(story.leader()).toBe(other);
  expect(story.recovers().violation, story.ending()).toBeNull();
});

test('seed 31021199: a pause lasts while the store is away: whom an operator names is promoted without a required one', () => {
  const { story } = begin();
  const old = story.leader();
  const [next] = story.replicas();
  if (next === undefined) throw new Error('two members are needed');
  const number = story.numberOf(next);
  const promotions: unknown[] = [];
  const { world } = story;
  world.listen(
    (fact) => {
      if (fact.kind !== 'promoting') return;
      promotions.push({ host: fact.host, paused: isPaused(world), counts: story.node(fact.host).watchdog.isCounting });
    },
    ['promoting'],
  );
  story.happens({ kind: 'pause-cluster', of: 'leader', span: 2_000 }).passes(1_000);
  story.happens({ kind: 'kill-agent', target: story.numberOf(old), span: 5_000 }).passes(100);
  story.happens({ kind: 'failover', of: number, candidate: number }).passes(200);
  story.happens({ kind: 'kill-postgres', target: story.numberOf(old) });
  // The operator cannot end it; whose PostgreSQL is gone gives the lock up as soon as the store is back.
  story.happens({ kind: 'store-outage', span: 70_000 }).untilLeaderIsNot(old, 80_000);

  expect(promotions).toEqual([{ host: next, paused: true, counts: false }]);
  expect(story.violation, story.ending()).toBeNull();
  expect(story.passes(5_000).node(next).watchdog.isCounting).toBe(true);
  expect(story.recovers().violation, story.ending()).toBeNull();
});

test('renewals that take longer than the margin: it is closed or kept from firing, a required one’s leader steps down, nothing is reset', () => {
  for (const canClose of [true, false]) {
    const { story, resets } = begin({ safetyMargin: 1, canClose }, { ttl: 30, loopWait: 10, retryTimeout: 10 });
    story.happens({ kind: 'slow-store', span: 120_000, extraMs: 1_400 }).passes(120_000).recovers();

    expect(resets, String(canClose)).toEqual([]);
    expect(story.violation, story.ending()).toBeNull();
  }
});

test('seed 49: a device that makes more of a time-out than is safe is not kept open', () => {
  const { story } = begin({ mode: 'automatic', stepMs: 7_000 }, { ttl: 5, loopWait: 2, retryTimeout: 1 });
  story.passes(60_000);

  expect(story.world.nodes.some((node) => node.watchdog.isCounting)).toBe(false);
  expect(story.violation, story.ending()).toBeNull();
});

test('CC17, W5: in failsafe mode the members’ word feeds it as a renewal does: a minute without the store resets nothing', () => {
  const { story, resets } = begin({}, { failsafeMode: true });
  const old = story.leader();
  story.happens({ kind: 'store-outage', span: 60_000 }).passes(59_000);

  expect(story.leader()).toBe(old);
  expect(story.node(old).watchdog.isCounting).toBe(true);
  expect(resets).toEqual([]);
  expect(story.recovers().violation, story.ending()).toBeNull();
});

test('and when agent and guardian stop in the midst of that, it fires before the members’ word ends', () => {
  const { story, resets } = begin({}, { failsafeMode: true });
  const old = story.leader();
  story.happens({ kind: 'store-outage', span: 60_000 }).passes(30_000);
  story.happens({ kind: 'freeze-both', target: story.numberOf(old), span: 60_000 });
  story.until('the reset', () => resets.length > 0, LEASE_MS).recovers();

  expect(resets).toMatchObject([{ host: old }]);
  expect(story.violation, story.ending()).toBeNull();
});
