import { describe } from 'vitest';
import { type Difference, decided, formerPrimary } from '../../test/support/observations.ts';
import { A, branch, fromA, history, NOW } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Divergence } from '../domain/memory.ts';
import { memberName, revision } from '../domain/names.ts';
import { replicaMethods } from '../domain/replica-method.ts';
import { earlier, seconds } from '../domain/time.ts';

const diverged: Divergence = { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'it has more' };
const rewindFailed: Divergence = { kind: 'rewind-failed', leader: A, attempts: 2, why: 'a file is missing' };
const starved: Divergence = { kind: 'starved', leader: A, leaderTimeline: branch(4), why: 'removed' };
const asStandbyOfA = { kind: 'start', desired: { standby: { upstream: fromA } } } as const;
const mayRemove = { effective: { removeDataOnRewindFailure: true } };

describe('what cannot be rewound is copied anew, where that is allowed', () => {
  const answered = (difference: Difference) =>
    formerPrimary({ observation: { leaderHistory: history() }, ...difference });
  table(decided, answered, [
    [
      'CC110, PG-64: a rewind that failed makes way for a new copy, where that is allowed',
      { effective: { removeDataOnRewindFailure: true }, memory: { divergence: rewindFailed } },
      runs('new-copy', { kind: 'clone', from: fromA }),
    ],
    [
      'a cascading member is copied from the leader, too',
      {
        tags: { replicatefrom: 'c' },
        effective: { removeDataOnDivergedTimelines: true },
        memory: { divergence: rewindFailed },
      },
      runs('new-copy', { kind: 'clone', from: fromA }),
    ],
    [
      'one whose next WAL the leader has removed is copied anew, where that is allowed',
      { effective: { removeDataOnDivergedTimelines: true }, memory: { divergence: starved } },
      runs('new-copy', { kind: 'clone', from: fromA }),
    ],
    [
      'by a base backup, if it may be: what was restored may end before the WAL that the leader still has',
      {
        effective: {
          removeDataOnDivergedTimelines: true,
          replicaMethods: replicaMethods(['restore', 'basebackup'], {}, []),
        },
        memory: { divergence: starved },
      },
      runs('new-copy', { kind: 'clone', from: fromA, methods: [{ kind: 'basebackup' }] }),
    ],
    [
      'and by what there is, where there is no other method',
      {
        effective: { removeDataOnDivergedTimelines: true, replicaMethods: replicaMethods(['restore'], {}, []) },
        memory: { divergence: starved },
      },
      runs('new-copy', { kind: 'clone', from: fromA, methods: [{ kind: 'command', name: 'restore' }] }),
    ],
    [
      'whom the sync key names copies the leader, by a base backup, also before that says that it is a primary',
      {
        dynamic: { synchronous_mode: 'quorum' },
        view: { sync: { leader: A, voters: [memberName('b')], quorum: 1, modRevision: revision(9n) } },
        members: { a: { role: 'replica' } },
        effective: { removeDataOnDivergedTimelines: true, replicaMethods: replicaMethods(['restore'], {}, []) },
        memory: { divergence: starved },
      },
      runs('new-copy', { kind: 'clone', from: fromA, methods: [{ kind: 'basebackup' }] }),
    ],
    ['and else starts with what it has', { memory: { divergence: starved } }, runs('start-follow', asStandbyOfA)],
    [
      'a copy that does not start is none: another one, where that is allowed',
      {
        directory: { signal: 'standby', hasBackupLabel: true },
        effective: { removeDataOnRewindFailure: true },
        memory: { divergence: rewindFailed },
      },
      runs('new-copy', { kind: 'clone', from: fromA }),
    ],
    [
      'where it is not allowed a person decides',
      { memory: { divergence: rewindFailed } },
      waits('diverged-needs-operator'),
    ],
    [
      'PG-62: without what pg_rewind needs a diverged one is copied anew, where that is allowed',
      {
        control: { canRewind: false },
        effective: { removeDataOnDivergedTimelines: true },
        memory: { divergence: diverged },
      },
      runs('new-copy', { kind: 'clone' }),
    ],
    [
      'PG-62: a failed rewind’s permission is none for one that was never tried',
      {
        control: { canRewind: false },
        effective: { removeDataOnRewindFailure: true },
        memory: { divergence: diverged },
      },
      waits('diverged-needs-operator'),
    ],
  ]);
});

describe('nothing is removed for a source that is gone', () => {
  const answer = (change: Parameters<typeof history>[0]) => ({ observation: { leaderHistory: history(change) } });
  table(
    decided,
    (difference: Difference) => formerPrimary({ ...mayRemove, memory: { divergence: rewindFailed }, ...difference }),
    [
      ['the leader is asked first', {}, concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA })],
      [
        'and asked once more where it answered a while ago',
        answer({ askedAt: earlier(NOW, seconds(2)) }),
        concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
      ],
      [
        'one that does not answer is waited for',
        {
          observation: { leaderHistory: { kind: 'no-answer', member: A, askedAt: NOW, reason: 'connection refused' } },
        },
        waits('wait-for-leader-primary'),
      ],
      [
        'a leader may be copied before it is promoted',
        answer({ inRecovery: true }),
        runs('new-copy', { kind: 'clone' }),
      ],
    ],
  );
});
