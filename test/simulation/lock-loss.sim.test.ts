import { expect, test } from 'vitest';
import { Scenario } from '../../src/simulator/scenario.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

test('the lock of a frozen agent is deleted by hand: nobody leads before its guardian has fenced', () => {
  const story = new Scenario({ ttl: 20, loopWait: 6, retryTimeout: 6 }).untilHealthy();
  const old = story.leader();

  story.happens({ kind: 'freeze-agent', target: 'leader', span: 60_000 });
  story.happens({ kind: 'delete-lock-by-hand', of: story.numberOf(story.replicas()[0] ?? old) });
  story.untilLeaderIsNot(old, 25_000);
  expect(story.node(old).postgres.acknowledges).toBe(false);

  expectKept(story.passes(60_000).untilHealthy());
});

test('somebody else takes the lock while a crashed primary starts: the start is given up at once', () => {
  const slow = { crashRecovery: { from: 15_000, to: 15_000 } };
  const story = new Scenario({ ttl: 30, loopWait: 10, retryTimeout: 10, ...slow }).untilHealthy();
  const old = story.leader();
  const { postgres } = story.node(old);
  const successor = story.numberOf(story.replicas()[0] ?? old);

  story.happens({ kind: 'kill-postgres', target: 'leader' });
  story.until('it starts again', () => postgres.server.kind === 'starting', 5_000);
  // Whom a switchover leads away from is not waited for, as long as it says nothing.
  story.happens({ kind: 'switchover', of: successor, from: 'leader', candidate: successor }).passes(1_000);
  story.happens({ kind: 'delete-lock-by-hand', of: successor });
  story.untilLeaderIsNot(old, 5_000);
  story.until('the start is given up', () => postgres.server.kind !== 'starting', 1_000);

  expectKept(story.untilHealthy());
});

test('a switchover’s stop that was broken off since another member leads is followed by the next one at once (seed 37406332)', () => {
  const story = new Scenario({
    seed: 37_406_332,
    ttl: 20,
    loopWait: 10,
    look: { from: 5, to: 300 },
    promote: { from: 80, to: 1048 },
    checkpoint: { from: 50, to: 10_482 },
  });

  story.at(14_824).happens({ kind: 'freeze-agent', target: 1, span: 29_050 });
  story.at(21_771).happens({ kind: 'switchover', of: 'leader', from: 'leader', candidate: 'any' });
  story.at(23_567).happens({ kind: 'freeze-agent', target: 2, span: 6230 });
  story.at(23_999).happens({ kind: 'stick-backend', target: 2, span: 10_075 });
  story.at(26_283).happens({ kind: 'delete-lock-by-hand', of: 'leader' });
  story.at(27_537).happens({ kind: 'freeze-agent', target: 'leader', span: 3285 });

  expectKept(story.at(31_000));
});
