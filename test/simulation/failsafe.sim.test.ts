import { describe, expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** What a failing scenario is told by: the end of its transcript. */
function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

/** A cluster in failsafe mode whose list of members is in the store. @returns with who leads. */
function listed(change: ConstructorParameters<typeof Scenario>[0] = {}) {
  const story = new Scenario({ failsafeMode: true, ...change }).untilHealthy().passes(8_000);
  return { story, old: story.leader(), others: story.replicas() };
}

/** How often the node stopped acknowledging writes from now on. */
function pausesOf(story: Scenario, host: string): () => number {
  let count = 0;
  story.world.listen((fact) => {
    if (fact.kind === 'falls-quiet' && fact.host === host) count += 1;
  });
  return () => count;
}

describe('the whole store is away', () => {
  test('CC17, C-24: all members agree, and the primary goes on for as long as it lasts', () => {
    const { story, old } = listed();
    const pauses = pausesOf(story, old);

    story.happens({ kind: 'store-outage', span: 60_000 }).passes(75_000).untilHealthy();

    expect(story.leader()).toBe(old);
    expect(pauses()).toBe(0);
    expectKept(story);
  });

  test('CC13: without the mode it stops before its lease ends', () => {
    const story = new Scenario().untilHealthy().passes(8_000);
    const pauses = pausesOf(story, story.leader());

    story.happens({ kind: 'store-outage', span: 60_000 }).passes(10_000);

    expect(pauses()).toBe(1);
    expectKept(story.recovers());
  });

  test('CC18: a member that does not answer is no word: the primary stops within one ttl of the last that all gave', () => {
    const { story, old, others } = listed();
    story.happens({ kind: 'store-outage', span: 60_000 }).passes(20_000);
    const pauses = pausesOf(story, old);
    const [other = ''] = others;

    story.happens({ kind: 'cut-node', target: story.numberOf(other), from: 'all', direction: 'both', span: 30_000 });
    story.passes(5_000);

    expect(pauses()).toBe(1);
    expectKept(story.recovers());
  });

  test('a member whose agent was restarted agrees again', () => {
    const { story, old, others } = listed();
    story.happens({ kind: 'store-outage', span: 60_000 }).passes(10_000);
    const [other = ''] = others;
    const pauses = pausesOf(story, old);

    story.happens({ kind: 'kill-agent', target: story.numberOf(other), span: 500 }).passes(20_000);

    expect(pauses()).toBe(0);
    expectKept(story.recovers());
  });
});

describe('only the primary has lost the store', () => {
  test('CC24: whoever agreed does not race when the lock runs out, and the primary takes it again', () => {
    const { story, old } = listed();
    const pauses = pausesOf(story, old);

    story.happens({ kind: 'cut-node', target: 'leader', from: 'store', direction: 'both', span: 40_000 });
    story.passes(60_000).untilHealthy();

    expect(story.leader()).toBe(old);
    expect(pauses()).toBe(0);
    expectKept(story);
  });

  test('CC25: cut off from the members, too, it stops, and another leads one ttl after its word', () => {
    const { story, old } = listed();
    story
      .happens({ kind: 'cut-node', target: 'leader', from: 'store', direction: 'both', span: 90_000 })
      .passes(20_000);
    expect(story.world.leader()).toBeNull();

    story.happens({ kind: 'cut-node', target: story.numberOf(old), from: 'peers', direction: 'both', span: 60_000 });
    story.untilLeaderIsNot(old, 12_000);

    expectKept(story.recovers());
  });

  test('W37: an agent that was restarted keeps a promise that it has forgotten', () => {
    const { story, old, others } = listed();
    const pauses = pausesOf(story, old);
    story
      .happens({ kind: 'cut-node', target: 'leader', from: 'store', direction: 'both', span: 40_000 })
      .passes(20_000);

    for (const other of others) {
      story.happens({ kind: 'kill-agent', target: story.numberOf(other), span: 200 });
    }
    story.passes(15_000);

    expect(pauses()).toBe(0);
    expectKept(story.recovers());
  });

  test.each([
    ['a shorter ttl', { ttl: 5, loop_wait: 1, retry_timeout: 1 }],
    ['the mode being turned off', { failsafe_mode: null }],
  ])('W37: and keeps it as long as it was given, whatever has become of the configuration: %s', (_change, patch) => {
    const { story, old, others } = listed({ ttl: 30, loopWait: 10, retryTimeout: 10 });
    const away = { kind: 'cut-node', target: story.numberOf(old), direction: 'both', span: 200_000 } as const;
    story.happens({ ...away, from: 'store' }).passes(15_000);
    story.node(others[0] ?? old).agent.request({ kind: 'patch-config', patch }, () => undefined);
    story.passes(14_000).happens({ ...away, from: 'peers' });

    for (const other of others) {
      story.happens({ kind: 'kill-agent', target: story.numberOf(other), span: 200 });
    }

    expectKept(story.passes(40_000).recovers());
  });

  test('W37: a leader whose machine lost its power for a moment has left the lead to nobody, whoever is away', () => {
    const story = new Scenario({ failsafeMode: true, ttl: 30, loopWait: 10, retryTimeout: 10 }).untilHealthy();
    const leader = story.passes(5_000).leader();
    const [other = leader] = story.replicas();
    story.happens({ kind: 'power-off', target: story.numberOf(other), span: 60_000 }).passes(100);
    story.happens({ kind: 'power-off', target: story.numberOf(leader), span: 1_000 }).passes(500);

    story.until('it leads again', () => story.world.leader()?.place === leader, 15_000);
    expect(story.passes(10_000).violation, story.ending()).toBeNull();
  });

  test('W37: also when an operator names it for a failover (seed 8102053)', () => {
    const { story, old, others } = listed();
    const candidate = story.numberOf(others[0] ?? old);
    const other = story.numberOf(others[1] ?? old);
    story
      .happens({ kind: 'cut-node', target: 'leader', from: 'store', direction: 'both', span: 40_000 })
      .passes(20_000);

    story.happens({ kind: 'failover', of: other, candidate }).passes(100);
    story.happens({ kind: 'kill-agent', target: candidate, span: 200 }).passes(15_000);

    expectKept(story.recovers());
  });
});

describe('an operator names who is to lead, while a primary goes on without the store', () => {
  const cut = { kind: 'cut-node', target: 'leader', from: 'store', direction: 'both' } as const;

  test('it gets no other promise of the candidate, and stops; the candidate leads within one ttl', () => {
    const { story, old, others } = listed();
    const candidate = story.numberOf(others[0] ?? old);
    story.happens({ ...cut, span: 60_000 }).passes(20_000);

    story.happens({ kind: 'failover', of: candidate, candidate }).untilLeaderIsNot(old, 5_500);

    expect(story.leader()).toBe(others[0]);
    expectKept(story.recovers());
  });

  test('also where the request came before the lock ran out', () => {
    const { story, old, others } = listed();
    const candidate = story.numberOf(others[0] ?? old);
    story.happens({ ...cut, span: 60_000 }).passes(100);

    story.happens({ kind: 'switchover', of: candidate, from: 'leader', candidate }).untilLeaderIsNot(old, 6_500);

    expect(story.leader()).toBe(others[0]);
    expectKept(story.recovers());
  });

  test('and in a pause, of which that primary does not know', () => {
    const { story, old, others } = listed();
    const candidate = story.numberOf(others[0] ?? old);
    story.happens({ ...cut, span: 60_000 }).passes(20_000);
    story.happens({ kind: 'pause-cluster', of: candidate, span: 20_000 }).passes(500);

    story.happens({ kind: 'failover', of: candidate, candidate }).untilLeaderIsNot(old, 5_500);

    expect(story.leader()).toBe(others[0]);
    expectKept(story.recovers());
  });

  test('the candidate has forgotten its promise, and hears that a primary lives (seed 31002259)', () => {
    const { story, old, others } = listed({ ttl: 10 });
    const candidate = story.numberOf(others[0] ?? old);
    // Its lock is gone and its key is not: their lease is one that a new leader of the store prolongs.
    story
      .happens({ ...cut, span: 90_000 })
      .passes(2_000)
      .happens({ kind: 'delete-lock-by-hand', of: 'leader' });
    story.passes(5_000).happens({ kind: 'move-store-leader' }).passes(5_500);
    story.happens({ kind: 'kill-agent', target: candidate, span: 60 }).passes(1_300);

    story.happens({ kind: 'failover', of: candidate, candidate }).untilLeaderIsNot(old, 11_000);

    expect(story.leader()).toBe(others[0]);
    expectKept(story.recovers());
  });
});

describe('the list leaves a member out', () => {
  // `b` was off while `a` led alone, and `a` lost its data in the middle of a new copy.
  test('it leads once those on the list have said that they are no primaries (seed 31020425)', () => {
    const story = new Scenario({
      seed: 31_020_425,
      nodes: 2,
      checkpoint: { from: 50, to: 10_413 },
      rewind: { from: 500, to: 6248 },
      failsafeMode: true,
      standbyCluster: true,
    });

    story.at(125_267).happens({ kind: 'part-or-follow' });
    story.at(200_121).happens({ kind: 'schedule-restart', of: 0, ahead: 42_243.61 });
    story.at(506_247).happens({ kind: 'power-off', target: 1, span: 78_597 });
    story.at(551_609).happens({ kind: 'part-or-follow' });
    story.at(559_834).happens({ kind: 'power-off', target: 'leader', span: 5407 });

    expectKept(story.at(611_379).recovers());
  });

  // Away from the store when the leader wrote its list, but it streamed all the while; the other one on the list did not.
  test('it leads where it has more: who is on the list lets nobody go on without the store', () => {
    const { story, old, others } = listed();
    const [behind = '', leftOut = ''] = others;
    const away = { kind: 'cut-node', from: 'store', direction: 'both' } as const;
    story.happens({ ...away, target: story.numberOf(leftOut), span: 20_000 }).passes(18_000);

    story.happens({ kind: 'cut-node', target: story.numberOf(behind), from: 'peers', direction: 'both', span: 3_000 });
    story.passes(2_500).happens({ kind: 'power-off', target: story.numberOf(old), span: 90_000 });

    expect(story.untilLeaderIsNot(old, 15_000).leader()).toBe(leftOut);
    expectKept(story.recovers());
  });

  test('not while whoever is on the list lets the primary go on', () => {
    const { story, old, others } = listed();
    const [leftOut = ''] = others;
    const pauses = pausesOf(story, old);
    const away = { kind: 'cut-node', from: 'store', direction: 'both' } as const;
    story.happens({ ...away, target: story.numberOf(leftOut), span: 20_000 }).passes(18_000);

    story
      .happens({ ...away, target: story.numberOf(old), span: 40_000 })
      .passes(60_000)
      .untilHealthy();

    expect(story.leader()).toBe(old);
    expect(pauses()).toBe(0);
    expectKept(story);
  });
});

test('a store that was restored meanwhile shows an earlier leader: the primary stops, and stays so (seed 1100498)', () => {
  const story = new Scenario({ seed: 1_100_498, ttl: 30, failsafeMode: true });

  story.at(31_798).happens({ kind: 'cut-node', target: 1, span: 43_261, from: 'all', direction: 'outbound' });
  story.at(40_264).happens({ kind: 'power-off', target: 2, span: 593 });
  story.at(43_488).happens({ kind: 'restore-store', span: 43_208 });
  story.at(89_497).happens({ kind: 'lost-replies', span: 47_940, probability: 0.52 });

  expectKept(story.at(119_704));
});
