import { describe } from 'vitest';
import { type Difference, decided, replica, type Situation } from '../../test/support/observations.ts';
import { A, B, branch, fromA, NOW } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import { earlier, seconds } from '../domain/time.ts';
import { desiredStandby } from './desired-postgres.ts';
import { wantedUpstream } from './whom-to-follow.ts';

/** It follows `a` as it should, and has not accepted a connection for a quarter of a minute. */
function starting({ memory, ...more }: Difference = {}): Situation {
  const { o, m } = replica({
    server: { kind: 'rejecting' },
    directory: { signal: 'standby' },
    effective: { removeDataOnDivergedTimelines: true },
    ...more,
    memory: { unavailableSince: earlier(NOW, seconds(15)), ...memory },
  });
  return { o, m: { ...m, applied: desiredStandby(o, fromA) } };
}

const starved: Pick<Memory, 'divergence'> = {
  divergence: { kind: 'starved', leader: A, leaderTimeline: branch(4), why: 'removed' },
};
const hopeless = { divergence: { kind: 'rewind-failed', leader: A, attempts: 0, why: 'not in its history' } } as const;
const archive = { restore_command: 'cp /archive/%f %p' };

describe('a standby starts and does not become consistent', () => {
  table(decided, starting, [
    ['its leader is asked', {}, concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA })],
    [
      'not before it had some time',
      { memory: { unavailableSince: earlier(NOW, seconds(14)) } },
      waits('still-starting'),
    ],
    ['the WAL is gone there: it is stopped to be copied', { memory: starved }, runs('stop-to-copy', { kind: 'stop' })],
    [
      'where that is allowed',
      { memory: starved, effective: { removeDataOnDivergedTimelines: false } },
      waits('starved-needs-operator'),
    ],
    [
      'seed 11029424: what it needs is in nobody’s history any more: it is stopped to be copied',
      { memory: hopeless },
      runs('stop-to-rewind', { kind: 'stop' }),
    ],
    [
      'where that is allowed',
      { memory: hopeless, effective: { removeDataOnDivergedTimelines: false } },
      waits('diverged-needs-operator'),
    ],
    [
      'not if that was found out about another leader',
      { memory: { divergence: { ...hopeless.divergence, leader: B } } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'an archive may have it yet',
      { memory: starved, effective: { removeDataOnDivergedTimelines: true, recovery: archive } },
      waits('still-starting'),
    ],
  ]);
});

describe('it starts beside the member that replicatefrom names', () => {
  const beside = ({ memory, ...more }: Difference = {}): Situation => {
    const tags = { replicatefrom: 'c' };
    const { o, m } = starting({ tags, ...more, memory: { ...memory } });
    return { o, m: { ...m, applied: desiredStandby(o, wantedUpstream(o, m)) } };
  };
  table(decided, beside, [
    ['which is left its time', { memory: { unavailableSince: earlier(NOW, seconds(14)) } }, waits('still-starting')],
    [
      'seed 9251063: but may not have the WAL that it needs: after a while the leader is followed, which can be asked',
      {},
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { member: A } } } }),
    ],
  ]);
});
