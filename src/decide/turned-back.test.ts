import { describe } from 'vitest';
import { replica, type Situation } from '../../test/support/observations.ts';
import { A, behind, branch, HEAD, history, standbyAnswer } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Divergence } from '../domain/memory.ts';
import { divergence } from './divergence.ts';

const fitsLeader = ({ o }: Situation): Divergence['kind'] => {
  const { postgres, leaderHistory } = o;
  if (postgres === null || leaderHistory === null) throw new Error('the fixture has looked and asked');
  return divergence(postgres, leaderHistory, A).kind;
};

describe('a leader that waited for a timeline, and was promoted out of it before that begins', () => {
  const switches = [
    { parent: branch(3), switchedAt: HEAD, reason: '' },
    { parent: branch(4), switchedAt: behind(100n), reason: '' },
  ];
  const observation = { leaderHistory: history({ history: { of: branch(5), switches } }) };
  const at = (bytes: bigint) => ({ server: standbyAnswer({ replayLsn: behind(bytes) }), observation });
  table(fitsLeader, replica, [
    ['what it has, too, fits', at(100n), 'fits'],
    ['what it left out has parted from it, and pg_rewind would not see where', at(99n), 'rewind-failed'],
    [
      'so has all of that timeline',
      { server: standbyAnswer({ timeline: branch(4), replayLsn: HEAD }), observation },
      'rewind-failed',
    ],
  ]);
});
