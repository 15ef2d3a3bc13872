import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test.each([21_000, 23_000, 25_000, 31_000])(
  'a guardian that hangs past its deadline and comes back (%i ms) fences first; the lock is taken after that (seed 71)',
  (span) => {
    const story = new Scenario({ nodes: 2, seed: 71 }).untilHealthy();
    const [other] = story.replicas();

    story.happens({ kind: 'power-off', target: story.numberOf(other ?? ''), span: 120_000 });
    story.happens({ kind: 'freeze-guardian', target: 'leader', span }).passes(span + 20_000);

    expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
  },
);

test.each([4_850, 4_900, 4_950])(
  'a member that creates the cluster gives that up when its lease ends, also while its guardian hangs (first start: %i ms, seed 13000964)',
  (span) => {
    const story = new Scenario({ ttl: 5, start: { from: span, to: span }, crashRecovery: { from: 0, to: 0 } });
    const isStarting = () => story.world.nodes.some(({ postgres }) => postgres.server.kind === 'starting');
    story.until('the first server starts', isStarting, 5_000);

    // It would be a primary a moment after the deadline, and before the heartbeat has put another guardian there.
    story.happens({ kind: 'lost-requests', span: 10_000, probability: 1 }).passes(3_200);
    story.happens({ kind: 'freeze-guardian', target: 'leader', span: 10_000 }).passes(5_000);

    // What is given up ends its server itself.
    expect(story.transcript().filter((line) => / (fast|immediate) stop$/.test(line))).toEqual([]);
    story.recovers();
    expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
  },
);
