import { describe } from 'vitest';
import { decided, formerPrimary } from '../../test/support/observations.ts';
import { A, branch, fromA, history, NOW, RUNNING } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Divergence } from '../domain/memory.ts';
import { earlier, seconds } from '../domain/time.ts';

const diverged: Divergence = { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'it has more' };
const leaderIsDone = { a: { timeline: branch(4) } };

describe('before a rewind', () => {
  table(decided, formerPrimary, [
    [
      'a leader that answered a while ago was perhaps promoted anew since: it is asked once more (seed 31540172)',
      {
        members: leaderIsDone,
        memory: { divergence: diverged },
        observation: { leaderHistory: history({ askedAt: earlier(NOW, seconds(3)) }) },
      },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'one that is in recovery cannot be rewound from, though its key, which is older, says that it is a primary',
      {
        members: leaderIsDone,
        memory: { divergence: diverged },
        observation: { leaderHistory: history({ inRecovery: true }) },
      },
      waits('wait-for-leader-primary'),
    ],
  ]);
});

describe('nothing of it happens while a process is left', () => {
  const left = { process: RUNNING };
  table(decided, formerPrimary, [
    [
      'a standby that just began is waited for',
      { ...left, directory: { signal: 'standby' }, memory: { divergence: diverged } },
      waits('still-starting'),
    ],
    [
      'backends without a postmaster are ended first',
      { process: { kind: 'orphaned', processCount: 3 }, memory: { divergence: diverged } },
      runs('end-orphans', { kind: 'end-orphans' }),
    ],
  ]);
});
