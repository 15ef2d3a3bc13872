import { describe, expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Place } from '../../src/simulator/world/network.ts';

test.each([1, 2, 3, 4, 5, 6])(
  'a switchover right after the leader was restarted waits for who has its last WAL (seed 6; %i)',
  (seed) => {
    const story = new Scenario({ seed, ttl: 5 }).untilHealthy().passes(6_000);
    const old = story.leader();

    story.happens({ kind: 'kill-postgres', target: 'leader' });
    story.until('it is back', () => story.node(old).postgres.acknowledges, 3_000);
    story.switchover(null);
    story.until('it stops', () => !story.node(old).postgres.acknowledges, 3_000);
    story.until('somebody leads', () => story.world.leader() !== null, 12_000).untilHealthy();

    expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
  },
);

test('the last position of a leader that hands over reaches the store before its lock is given up (seed 1969)', () => {
  const story = new Scenario({ seed: 5, ttl: 10, start: { from: 900, to: 900 } }).untilHealthy().passes(6_000);
  const old = story.leader();

  story.happens({ kind: 'kill-postgres', target: 'leader' });
  story.until('it is back', () => story.node(old).postgres.acknowledges, 3_000);
  story.switchover(null);
  story.until('it stops', () => !story.node(old).postgres.acknowledges, 3_000);
  story.happens({ kind: 'lost-requests', probability: 1, span: 1_000 });
  story.until('somebody leads', () => story.world.leader() !== null, 20_000).untilHealthy();

  expect(story.violation, story.ending()).toBeNull();
});

test('a switchover asked for while its leader is being fenced waits for what that one wrote last (seed 10008191)', () => {
  const story = new Scenario({ seed: 1, nodes: 2, ttl: 5, stop: { from: 3_000, to: 3_000 } })
    .untilHealthy()
    .passes(6_000);
  const old = story.leader();
  const [standby = ''] = story.replicas();

  story.happens({ kind: 'kill-postgres', target: 'leader' }).passes(100);
  story.happens({ kind: 'freeze-agent', target: 'leader', span: 3_400 });
  story.until('it is back, and nobody looks', () => story.node(old).postgres.acknowledges, 3_000);
  story.until('it is fenced', () => !story.node(old).postgres.acknowledges, 3_300).passes(1_400);
  story.happens({ kind: 'switchover', of: 'leader', from: 'leader', candidate: story.numberOf(standby) });
  story.untilLeaderIsNot(old, 30_000).untilHealthy();

  expect(story.violation, story.ending()).toBeNull();
});

describe('a standby is reset while its leader stops: whom it may follow it cannot ask any more (seed 30070938)', () => {
  /** @returns when the leader is down, before it gives up its lock. */
  const reset = (seed: number): { readonly story: Scenario; readonly standby: Place } => {
    const synchronous = { mode: 'on', strict: false, nodeCount: 1 } as const;
    const story = new Scenario({ seed, nodes: 2, synchronous }).untilHealthy().passes(6_000);
    const old = story.leader();
    const [standby = ''] = story.replicas();
    story.happens({ kind: 'stick-backend', target: 'leader', span: 10_000 }).switchover(null);
    story.passes(1_000).happens({ kind: 'power-off', target: story.numberOf(standby), span: 1_000 });
    story.until('it has stopped', () => story.node(old).postgres.server.kind === 'down', 20_000);
    return { story, standby };
  };

  test('it gets the rest from the old leader, and leads', () => {
    const { story, standby } = reset(1);
    story.passes(1_500).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).toBe(standby);
  });

  test('nothing is lost where the store hears little of the old leader, which would lead again instead', () => {
    const { story } = reset(54);
    story.happens({ kind: 'lost-requests', probability: 0.6, span: 40_000 }).passes(40_000).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
  });
});

describe('a pause between a hand-over and the race (seed 10006478)', () => {
  /** A leader takes long to stop for a switchover; its only standby, which was reset meanwhile, lacks what it wrote since. */
  const slowHandOver = (): { readonly story: Scenario; readonly old: Place; readonly begun: number } => {
    const synchronous = { mode: 'on', strict: false, nodeCount: 1 } as const;
    const story = new Scenario({ seed: 1, nodes: 2, synchronous }).untilHealthy().passes(6_000);
    const old = story.leader();
    const begun = story.now;
    const [standby = ''] = story.replicas();
    story.happens({ kind: 'stick-backend', target: 'leader', span: 30_000 }).switchover(null);
    story.passes(1_000).happens({ kind: 'power-off', target: story.numberOf(standby), span: 1_000 });
    story.until('it serves alone', () => story.node(standby).postgres.server.kind === 'standby', 20_000);
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 60_000 });
    return { story, old, begun };
  };
  const isDown = (story: Scenario, place: Place): boolean => story.node(place).postgres.server.kind === 'down';

  test('the old leader brings the rest when the pause is over', () => {
    const { story, old } = slowHandOver();
    story
      .until('it has stopped', () => isDown(story, old), 20_000)
      .passes(60_000)
      .untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).toBe(old);
  });

  test.each([
    ['while it hands over', 29_500],
    ['after the lease had ended in doubt, and the hand-over with it', 20_000],
  ])('its lock is given up with the position of its stop, also when its disk hangs by then: %s', (_, outage) => {
    const { story, old, begun } = slowHandOver();
    story.at(begun + outage).happens({ kind: 'store-outage', span: 20_000 });
    story.until('it has stopped', () => isDown(story, old), 20_000).passes(2_000);
    story.happens({ kind: 'hang-postgres', target: story.numberOf(old), how: 'disk', span: 30_000 });
    story.passes(60_000).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).toBe(old);
  });
});

describe('a hand-over in a pause, and nobody who could take the lock', () => {
  const slow = (nodes = 3): Scenario =>
    new Scenario({ nodes, stop: { from: 3_000, to: 3_000 } }).untilHealthy().passes(6_000);
  const leads = (story: Scenario, place: Place) => () => story.world.leader()?.place === place;

  test('who is named dies while the leader stops: that one goes on', () => {
    const story = slow();
    const old = story.leader();
    const [named = ''] = story.replicas();
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 60_000 }).passes(1_000).switchover(named);
    story.passes(1_500).happens({ kind: 'power-off', target: story.numberOf(named), span: 20_000 });
    story.until('it has stopped', () => story.node(old).postgres.server.kind === 'down', 5_000);
    story.until('it leads on', leads(story, old), 3_000).passes(70_000).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).toBe(old);
  });

  test.each(['to anybody', 'by schedule'])('the pause begins while a leader stops for a switchover %s', (how) => {
    const story = slow();
    const old = story.leader();
    const [named = ''] = story.replicas();
    const candidate = story.numberOf(named);
    if (how === 'to anybody') story.switchover(null);
    else story.happens({ kind: 'schedule-switchover', of: 'leader', candidate, ahead: 1_000 }).passes(1_500);
    story.passes(1_000).happens({ kind: 'pause-cluster', of: 'leader', span: 30_000 });
    story.until('it has stopped', () => story.node(old).postgres.server.kind === 'down', 5_000);
    story.until('it leads on', leads(story, old), 3_000).passes(60_000).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).toBe(old);
  });

  test('who is named dies with the lock given up: the old leader serves reads, and leads when it is asked to', () => {
    const story = slow();
    const old = story.leader();
    const [named = ''] = story.replicas();
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 120_000 }).passes(1_000).switchover(named);
    story.until('it gives up its lock', () => story.world.lockHolder() === null, 6_000);
    story.happens({ kind: 'power-off', target: story.numberOf(named), span: 20_000 });
    story.until('it serves reads', () => story.node(old).postgres.server.kind === 'standby', 8_000).passes(200);
    story.happens({ kind: 'failover', of: story.numberOf(old), candidate: story.numberOf(old) });
    story.until('it leads', leads(story, old), 5_000);
    story.passes(120_000).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
  });

  test('who is named lacks what was written last: the old leader brings it', () => {
    const story = slow(2);
    const [named = ''] = story.replicas();
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 60_000 }).passes(1_000).switchover(named);
    story.passes(1_500).happens({ kind: 'crash-backend', target: story.numberOf(named) });
    story.until('it leads', leads(story, named), 20_000).passes(60_000).untilHealthy();

    expect(story.violation, story.ending()).toBeNull();
  });
});

test('a lock that a backup of the store gave back is not handed over by who releases it (seed 38025845)', () => {
  const story = new Scenario({ seed: 38_025_845, nodes: 4, ttl: 20, loopWait: 10 });

  story.at(86_395).happens({ kind: 'schedule-switchover', of: 'leader', candidate: 'any', ahead: 54_855.11401388794 });
  story.at(116_323).happens({ kind: 'pause-cluster', of: 'leader', span: 48_710 });
  story.at(117_271).happens({ kind: 'kill-agent', target: 'leader', span: 49_135 });
  story.at(130_036).happens({ kind: 'restore-store', span: 18_707 });
  story.at(139_264).happens({ kind: 'failover', of: 3, candidate: 3 });
  story.at(141_024).happens({ kind: 'power-off', target: 'leader', span: 10_000 });
  story.at(171_500);

  expect(story.violation, story.ending()).toBeNull();
});
