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
