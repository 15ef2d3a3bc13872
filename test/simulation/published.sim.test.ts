import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

test('a leader that takes its lease for over still says that it has not checkpointed (seed 22)', () => {
  const story = new Scenario({ checkpoint: { from: 9_000, to: 9_000 }, stop: { from: 300, to: 300 } }).untilHealthy();
  const first = story.leader();

  story.happens({ kind: 'power-off', target: 'leader', span: 60_000 });
  story.untilLeaderIsNot(first, 8_000).passes(300);
  // When its main thread goes on, what it last heard of its lease is that it is over by now.
  story.happens({ kind: 'stall-agent', target: 'leader', span: 5_200 }).passes(6_000);

  expect(story.violation, story.ending()).toBeNull();
});

test('an agent that is back while its primary stops says that it has not checkpointed (seed 1329)', () => {
  const slow = { checkpoint: { from: 9_000, to: 9_000 }, stop: { from: 950, to: 950 } };
  const story = new Scenario(slow).untilHealthy();
  const first = story.leader();

  story.happens({ kind: 'power-off', target: 'leader', span: 60_000 });
  story.untilLeaderIsNot(first, 8_000).passes(300);
  const { postgres } = story.node(story.leader());
  story.happens({ kind: 'kill-agent', target: 'leader', span: 4_000 });
  story.until('its guardian stops it', () => postgres.server.kind === 'stopping', 5_000).passes(6_000);

  expect(story.violation, story.ending()).toBeNull();
});

test('what a stopping primary tells says that it has not checkpointed: it may arrive after its next promotion (seed 196459774)', () => {
  const story = new Scenario({ seed: 196_459_774, checkpoint: { from: 50, to: 2000 } });

  story.at(441_226).happens({ kind: 'pause-cluster', of: 'leader', span: 15_488 });
  story.at(441_644).happens({ kind: 'kill-agent', target: 'leader', span: 16_027 });
  story.at(458_830).happens({ kind: 'slow-store', span: 3691, extraMs: 926.8978226184845 });
  story.at(460_477).happens({ kind: 'delete-lock-by-hand', of: 'leader' });
  story.at(465_000);

  expect(story.violation, story.ending()).toBeNull();
});
