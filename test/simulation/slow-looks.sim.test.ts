import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test.each([150, 600, 1200])(
  'who is waited for by commits and lacks WAL that is gone is copied where each look takes %i ms',
  (took) => {
    const synchronous = { mode: 'on', strict: false, nodeCount: 1 } as const;
    const look = { from: took, to: took };
    const story = new Scenario({ walKeepBytes: 0, removeDataOnDivergence: true, synchronous, look }).untilHealthy();
    const [away = ''] = story.passes(5_000).replicas();
    const target = story.numberOf(away);
    const isCopied = () => story.node(away).agent.snapshot()?.decision.rule === 'stop-to-copy';
    // Its server runs on meanwhile, and its agent knows that it fits.
    story.happens({ kind: 'cut-node', target, from: 'peers', direction: 'both', span: 200_000 }).passes(190_000);
    story.happens({ kind: 'drop-unused-slots', target: 'leader' }).passes(10_000);
    story.until('it is stopped to be copied', isCopied, 120_000).untilHealthy();
    expect(story.violation, story.ending()).toBeNull();
  },
);
