import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

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
