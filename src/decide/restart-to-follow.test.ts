import { describe } from 'vitest';
import { decided, replica } from '../../test/support/observations.ts';
import { A, branch, HEAD, history, NOW, standbyAnswer } from '../../test/support/observed-parts.ts';
import { runs, stays, table } from '../../test/support/table.ts';
import { earlier, seconds } from '../domain/time.ts';

/** Here is timeline 3, which timeline 5 came out of; timeline 4 was another one's, and is waited for. */
const skipping = history({
  history: { of: branch(5), switches: [{ parent: branch(3), switchedAt: HEAD, reason: '' }] },
});
const idle = { server: standbyAnswer({ walReceiver: null }), observation: { leaderHistory: skipping } };
const fits = { kind: 'fits', leader: A, leaderTimeline: branch(5) } as const;
const still = { lsn: HEAD, timeline: branch(3), at: NOW, movedAt: earlier(NOW, seconds(15)) };
const restarts = runs('restart-to-follow', { kind: 'restart' });

describe('a standby that waits for a timeline that its leader has no part of (seed 31604752)', () => {
  table(decided, replica, [
    ['is restarted', { ...idle, memory: { divergence: fits, position: still } }, restarts],
    [
      'not while it streams',
      { ...idle, server: standbyAnswer(), memory: { divergence: fits, position: still } },
      stays('follow'),
    ],
    [
      'nor before it has stood still for a while',
      { ...idle, memory: { divergence: fits, position: { ...still, movedAt: earlier(NOW, seconds(14)) } } },
      stays('follow'),
    ],
    [
      'nor again at once',
      { ...idle, memory: { divergence: fits, position: still, restartedToFollowAt: earlier(NOW, seconds(59)) } },
      stays('follow'),
    ],
    [
      'nor where the numbers follow each other: it waits for that very timeline',
      { ...idle, observation: { leaderHistory: history() }, memory: { divergence: fits, position: still } },
      stays('follow'),
    ],
    [
      'nor from a leader that is not promoted yet',
      {
        ...idle,
        observation: { leaderHistory: { ...skipping, inRecovery: true } },
        memory: { divergence: fits, position: still },
      },
      stays('follow'),
    ],
  ]);
});
