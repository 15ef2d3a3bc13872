import { describe, expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';
import type { Place } from '../../src/simulator/world/network.ts';

test('a member on the newest timeline that lags too far to lead keeps nobody else from leading (seed 31040604)', () => {
  const story = new Scenario({ writeLoad: { bytesPerMs: 500, busyMs: 20_000, idleMs: 20_000 } }).untilHealthy();
  const old = story.leader();
  const [named = old, third = old] = story.replicas();
  story.happens({ kind: 'pause-cluster', of: 'leader', span: 30_000 }).passes(1_000);
  story.happens({ kind: 'kill-agent', target: 'leader', span: 20_000 }).passes(10_000);
  story.happens({ kind: 'failover', of: story.numberOf(named), candidate: story.numberOf(named) });
  story.until('it leads', () => story.node(named).postgres.server.kind === 'primary', 5_000);
  story.happens({ kind: 'power-off', target: story.numberOf(named), span: 60_000 });
  story.until('the old one leads again', () => story.world.leader()?.place === old, 20_000).passes(30_000);
  story.happens({ kind: 'power-off', target: story.numberOf(third), span: 30_000 });
  story.happens({ kind: 'power-off', target: story.numberOf(old), span: 240_000 });

  story.untilLeaderIsNot(old, 60_000);
  expect(story.leader()).toBe(third);
  expect(story.passes(10_000).violation, story.ending()).toBeNull();
});

describe('a member that was promoted in a pause and lost its power lies on a newer timeline, and waits for a person', () => {
  /** The old leader went on; nobody may rewind or replace what `parted` has. */
  const apart = (seed: number): { readonly story: Scenario; readonly old: Place; readonly parted: Place } => {
    const writeLoad = { bytesPerMs: 20, busyMs: 1, idleMs: 0 };
    const files = { usePgRewind: false, removeDataOnDivergence: false };
    const story = new Scenario({ seed, writeLoad, ...files }).untilHealthy().passes(6_000);
    const old = story.leader();
    const [, parted = ''] = story.replicas();
    const { postgres, agent } = story.node(parted);
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 25_000 }).passes(500);
    story.happens({ kind: 'kill-agent', target: 'leader', span: 8_000 }).passes(5_700);
    story.happens({ kind: 'failover', of: story.numberOf(parted), candidate: story.numberOf(parted) });
    story.until('it is promoted', () => postgres.server.kind === 'primary', 5_000).passes(3);
    story.happens({ kind: 'power-off', target: story.numberOf(parted), span: 20_000 });
    const waits = () => agent.snapshot()?.decision.rule === 'diverged-needs-operator';
    story.until('it waits', waits, 60_000);
    return { story, old, parted };
  };

  test.each([1, 2, 3])('a switchover leads to another one, without waiting (%i)', (seed) => {
    const { story, old, parted } = apart(seed);
    story.switchover(null);
    story.untilLeaderIsNot(old, 3_000);
    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).not.toBe(parted);
  });

  test.each([1, 2, 3])('when its leader dies another one leads (%i)', (seed) => {
    const { story, old, parted } = apart(seed);
    story.happens({ kind: 'power-off', target: 'leader', span: 20_000 }).untilLeaderIsNot(old, 10_000);
    expect(story.violation, story.ending()).toBeNull();
    expect(story.leader()).not.toBe(parted);
  });
});
