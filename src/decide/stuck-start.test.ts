import { describe } from 'vitest';
import { type Difference, decided, replica, type Situation } from '../../test/support/observations.ts';
import { A, branch, fromA, NOW } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import { earlier, seconds } from '../domain/time.ts';
import { desiredStandby } from './desired-postgres.ts';

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
      'an archive may have it yet',
      { memory: starved, effective: { removeDataOnDivergedTimelines: true, recovery: archive } },
      waits('still-starting'),
    ],
  ]);
});
