import { expect, test } from 'vitest';
import type { WalBranch } from '../../src/simulator/postgres/wal-branch.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

test('who saw nothing of the next leader, nor of a backup of the store that was put back, asks before it goes on', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();
  const target = story.numberOf(old);
  const { postgres } = story.node(old);

  // Its lock is in the backup, which knows all that its agent has ever written. It cannot start as a standby meanwhile.
  story.happens({ kind: 'cut-node', target, span: 28_000, from: 'store', direction: 'both' });
  story.until('it stops', () => postgres.server.kind === 'stopping', 10_000);
  story.happens({ kind: 'fill-disk', target, span: 25_000 }).happens({ kind: 'restore-store', span: 20_000 });
  story.untilLeaderIsNot(old, 10_000);
  const { branch } = story.node(story.leader()).postgres;
  story.passes(60_000).untilHealthy();

  expect(isIn(branch, story.node(story.leader()).postgres.branch), story.ending()).toBe(true);
  expect(story.violation, story.ending()).toBeNull();
});

function isIn(branch: WalBranch | null, history: WalBranch | null): boolean {
  return history !== null && (history === branch || isIn(branch, history.parent));
}
