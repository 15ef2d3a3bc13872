import { describe, expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Settings } from '../../src/simulator/world/settings.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

describe('two timelines of one number', () => {
  test('a member that streamed from the one is no follower of the other, though their histories are the same', () => {
    const { story, first, third } = twins({});
    story.faultsEnd().untilHealthy();
    expect(story.node(third).postgres.branch?.madeBy).toBe(first);
    expectKept(story);
  });

  test('seed 30055397: a member that waits for a person on the one is no source of a copy that is to follow the other', () => {
    const spare = { clonefrom: true };
    const { story, first, second, third } = twins({
      removeDataOnDivergence: false,
      tags: { a: spare, b: spare, c: spare },
    });
    story.faultsEnd().until('the third is back', () => isStandby(story, third), 60_000);
    expect(story.node(third).postgres.branch).toMatchObject({ timeline: 2, madeBy: second });

    story.passes(20_000).happens({ kind: 'reinitialize', of: story.numberOf(second), force: true });
    const follows = () => isStandby(story, second) && story.node(second).postgres.branch?.madeBy === first;
    story.until('the second follows the first', follows, 30_000);
    expectKept(story);
  });
});

/** The first leads on timeline 2; the second made one of that number before, which the third streamed. Both have no power. */
function twins(change: Partial<Settings>) {
  const story = new Scenario({ promote: { from: 6_000, to: 6_000 }, ...change }).untilHealthy().passes(5_000);
  const first = story.leader();
  const [second = '', third = ''] = story.replicas();

  // The first hands over and keeps its position. The second is promoted there, the third receives a little of it, ...
  story.switchover(second);
  story.until('the second may lead', () => story.world.lockHolder() === second, 5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(first), span: 20_000 });
  const received = () => {
    const { position, branch } = story.node(third).postgres;
    return position > (branch?.forkedAt ?? 0) && branch?.madeBy === second;
  };
  story.until('the third has WAL of the new timeline', received, 10_000);
  // ... and both are gone before anybody hears of it: the first is promoted at that very position.
  for (const place of [second, third]) {
    story.happens({ kind: 'power-off', target: story.numberOf(place), span: 60_000 });
  }
  story.until('the first leads again', () => story.node(first).postgres.acknowledges, 60_000);
  expect(story.node(first).postgres.branch).toMatchObject({ timeline: 2, madeBy: first });
  expect(story.node(third).postgres.branch).toMatchObject({ timeline: 2, madeBy: second });
  return { story, first, second, third };
}

function isStandby(story: Scenario, place: string): boolean {
  return story.node(place).postgres.server.kind === 'standby';
}

test('a start that is cancelled leaves nothing behind', () => {
  const story = new Scenario({ start: { from: 4_000, to: 4_000 } }).untilHealthy();
  const [place = ''] = story.replicas();
  const { postgres, agent } = story.node(place);
  postgres.fastStop();
  story.until('PostgreSQL starts', () => postgres.server.kind === 'starting', 5_000);
  agent.request({ kind: 'reinitialize', force: true, fromLeader: false }, () => undefined);
  story.until('it is gone', () => postgres.server.kind === 'down', 1_000);
  expect(story.transcript().some((line) => line.includes('immediate stop'))).toBe(false);
  expectKept(story.untilHealthy());
});

test('a process of a standby crashes: it recovers under its postmaster, and streams again; a receiver ends alone', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const [place = ''] = story.replicas();
  const { postgres } = story.node(place);
  const { server } = postgres;
  let recoveries = 0;
  for (let n = 0; n < 12; n += 1) {
    story.happens({ kind: 'crash-backend', target: story.numberOf(place) });
    if (postgres.server.kind === 'starting') {
      recoveries += 1;
      expect(postgres.link.hasReceived).toBe(false);
    }
    story.passes(100).untilHealthy(10_000);
    expect(postgres.server).toEqual(server);
  }
  expect([recoveries > 0, recoveries < 12]).toEqual([true, true]);
  expectKept(story.passes(20_000));
});
