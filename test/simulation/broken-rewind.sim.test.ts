import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

/** Whether pg_rewind had begun to change files when its source died is chance. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

test('a rewind whose source dies leaves two histories in one directory: nothing starts from it before another rewind', () => {
  const stories = SEEDS.map(brokenRewind);
  for (const { story } of stories) expect(story.violation, story.ending()).toBeNull();
  expect(new Set(stories.map((each) => each.wasHalfRewound))).toEqual(new Set([true, false]));
});

test.each([1, 2, 3, 4])(
  'what was stopped in the middle of crash recovery is recovered before it is rewound (%i)',
  (seed) => {
    const story = new Scenario({ seed, crashRecovery: { from: 4_000, to: 4_001 } }).untilHealthy();
    const old = story.leader();
    story.happens({ kind: 'crash-backend', target: story.numberOf(old) }).passes(500);
    story.happens({ kind: 'stop-agent', target: story.numberOf(old), span: 12_000 });
    const stopped = (): boolean => story.node(old).postgres.files?.state === 'shut down in recovery';
    story.until('it is stopped in the middle of that', stopped, 12_000).passes(40_000).untilHealthy();
    expect(story.violation, story.ending()).toBeNull();
  },
);

/** The old leader comes back with WAL that nobody has, and is rewound from the new one, which dies meanwhile, as the third does. */
function brokenRewind(seed: number): { readonly story: Scenario; readonly wasHalfRewound: boolean } {
  const story = new Scenario({ seed, rewind: { from: 8_000, to: 8_000 } }).untilHealthy();
  const old = story.leader();
  const { postgres } = story.node(old);
  const halfRewound = (): boolean => postgres.files?.isHalfRewound === true;
  story.happens({ kind: 'cut-node', target: 'leader', span: 3_000, from: 'peers', direction: 'both' }).passes(2_000);
  story.happens({ kind: 'power-off', target: 'leader', span: 12_000 }).untilLeaderIsNot(old, 20_000);
  story.until('it is rewound', () => story.node(old).agent.isWorking && postgres.server.kind === 'down', 60_000);
  story.passes(6_000);

  for (const place of story.replicas().filter((each) => each !== old)) {
    story.happens({ kind: 'power-off', target: story.numberOf(place), span: 40_000 });
  }
  story.happens({ kind: 'power-off', target: 'leader', span: 40_000 });
  story.passes(30_000);
  const wasHalfRewound = halfRewound();

  story.recovers();
  return { story, wasHalfRewound };
}
