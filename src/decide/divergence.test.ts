import { describe } from 'vitest';
import { formerPrimary, replica, type Situation, stopped } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  HEAD,
  history,
  idleStandby,
  NOW,
  position,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { TimelineHistory } from '../domain/timeline.ts';
import { divergence } from './divergence.ts';

function fitsLeader({ o }: Situation): string {
  const { postgres, leaderHistory } = o;
  if (postgres === null || leaderHistory === null) throw new Error('the fixture has looked and asked');
  return divergence(postgres, leaderHistory, A).kind;
}

/** The leader's timeline 4 left timeline 3 there. */
const leftAt = (lsn: typeof HEAD) => ({ leaderHistory: history({}, lsn) });

/** It starts, and is to replay a byte more of its timeline than the leader's history contains. */
const beyond = {
  server: { kind: 'rejecting' },
  control: { state: 'in archive recovery', minRecoveryEnd: ahead(1n), minRecoveryTimeline: branch(3) },
  observation: leftAt(HEAD),
} as const;

/** It accepts connections, and has replayed only a part of what lay there when it was started. */
const onOldWal = idleStandby({ receiveLsn: null, isOnOldWal: true });

describe('does a running standby fit the leader’s history', () => {
  const replayed = (lsn: typeof HEAD) => ({ server: standbyAnswer({ replayLsn: lsn }) });
  table(fitsLeader, replica, [
    [
      'CC107: replayed up to where the leader left its timeline',
      { ...replayed(HEAD), observation: leftAt(HEAD) },
      'fits',
    ],
    [
      'CC107: a byte more is on a branch that nobody follows',
      { ...replayed(ahead(1n)), observation: leftAt(HEAD) },
      'diverged',
    ],
    [
      'the beginning of a record of which no more was received is dropped',
      { server: standbyAnswer({ receiveLsn: ahead(99n) }), observation: leftAt(HEAD) },
      'fits',
    ],
    [
      'whole records that were received are replayed before it follows another one',
      { server: standbyAnswer({ receiveLsn: ahead(99n), isReplaying: true }), observation: leftAt(HEAD) },
      'unchecked',
    ],
    [
      'those that the leader has, too, may be replayed later',
      { server: standbyAnswer({ replayLsn: behind(9n), isReplaying: true }), observation: leftAt(HEAD) },
      'fits',
    ],
    [
      'PG-61: on the leader’s own timeline',
      { server: standbyAnswer({ timeline: branch(4) }), observation: leftAt(HEAD) },
      'fits',
    ],
    [
      'that waits for WAL which the leader has removed',
      { server: idleStandby(), observation: { leaderHistory: history({ nextWal: 'removed' }) } },
      'starved',
    ],
    [
      'it may lie here, as long as not all that does is replayed',
      { server: onOldWal, observation: { leaderHistory: history({ nextWal: 'removed' }) } },
      'unchecked',
    ],
    ['nor does it fit before, as far as anybody knows', { server: onOldWal, observation: leftAt(HEAD) }, 'unchecked'],
    ['it is past the leader’s branch already', { server: onOldWal, observation: leftAt(behind(1n)) }, 'diverged'],
    [
      'also when that leader follows somebody itself',
      { server: idleStandby(), observation: { leaderHistory: history({ nextWal: 'removed', inRecovery: true }) } },
      'starved',
    ],
    [
      'that is not consistent yet, and cannot get there',
      {
        server: { kind: 'rejecting' },
        control: { state: 'in archive recovery', minRecoveryEnd: HEAD },
        observation: { leaderHistory: history({ nextWal: 'removed' }) },
      },
      'starved',
    ],
    [
      'of one that starts nothing else is known',
      { server: { kind: 'rejecting' }, control: { state: 'in archive recovery' }, observation: leftAt(HEAD) },
      'unchecked',
    ],
    ['that is to replay more than the leader has of its timeline: it may have it here', { ...beyond }, 'unchecked'],
    [
      'seed 11029424: what was rewound has not: it is beyond rewinding, too',
      { ...beyond, control: { ...beyond.control, beforeBackupEnd: true } },
      'rewind-failed',
    ],
    [
      'it waits for what the leader has',
      { ...beyond, control: { ...beyond.control, beforeBackupEnd: true, minRecoveryEnd: HEAD } },
      'unchecked',
    ],
    [
      'a leader that is not promoted yet may come to it',
      {
        ...beyond,
        control: { ...beyond.control, beforeBackupEnd: true },
        observation: { leaderHistory: history({ inRecovery: true }, HEAD) },
      },
      'unchecked',
    ],
    [
      'one that streams has it from somewhere',
      { observation: { leaderHistory: history({ nextWal: 'removed' }) } },
      'fits',
    ],
    [
      'so may one with an archive',
      {
        server: idleStandby({ hasRestoreCommand: true }),
        observation: { leaderHistory: history({ nextWal: 'removed' }) },
      },
      'fits',
    ],
    [
      'PG-61: on a newer timeline than the leader’s',
      { server: standbyAnswer({ timeline: branch(5) }), observation: leftAt(HEAD) },
      'diverged',
    ],
    [
      'on a timeline that the leader was never on',
      { server: standbyAnswer({ timeline: branch(2) }), observation: leftAt(HEAD) },
      'diverged',
    ],
    [
      'nothing is known of a position',
      { server: standbyAnswer({ replayLsn: null }), observation: leftAt(HEAD) },
      'unchecked',
    ],
    [
      'nothing is known of a timeline',
      { server: standbyAnswer({ timeline: null }), observation: leftAt(HEAD) },
      'unchecked',
    ],
    [
      'a leader that is not promoted yet can show that a standby fits so far',
      { observation: { leaderHistory: history({ inRecovery: true }) } },
      'fits',
    ],
    [
      'not one that has more: it may be promoted from where it is',
      {
        server: standbyAnswer({ receiveLsn: ahead(1n) }),
        observation: { leaderHistory: history({ inRecovery: true, walEnd: HEAD }) },
      },
      'unchecked',
    ],
    ['as much is well', { observation: { leaderHistory: history({ inRecovery: true, walEnd: HEAD }) } }, 'fits'],
    [
      'it cannot show that one does not: its own branch is still to come',
      { server: standbyAnswer({ timeline: branch(5) }), observation: { leaderHistory: history({ inRecovery: true }) } },
      'unchecked',
    ],
    [
      'what another member says counts for nothing',
      { observation: { leaderHistory: history({ member: B }) } },
      'unchecked',
    ],
    [
      'no answer is no answer',
      { observation: { leaderHistory: { kind: 'no-answer', member: A, askedAt: NOW, reason: 'refused' } } },
      'unchecked',
    ],
  ]);
});

describe('does a stopped replica fit the leader’s history', () => {
  table(fitsLeader, stopped, [
    ['its recovery ended where the leader left', { observation: leftAt(HEAD) }, 'fits'],
    ['its recovery ended later', { observation: leftAt(behind(1n)) }, 'diverged'],
    [
      'it was rewound, and stopped before it was consistent: pg_rewind would leave out what was not replayed',
      { control: { beforeBackupEnd: true }, observation: leftAt(behind(1n)) },
      'rewind-failed',
    ],
    [
      'one that was killed counts by what it must recover to',
      { control: { state: 'in archive recovery' }, observation: leftAt(behind(1n)) },
      'diverged',
    ],
  ]);
});

describe('does a former primary fit the leader’s history', () => {
  table(fitsLeader, formerPrimary, [
    [
      'CC108, PG-60: its shutdown checkpoint ends exactly where the leader began',
      { observation: leftAt(HEAD) },
      'fits',
    ],
    ['CC108, PG-60: a byte later is not that end', { observation: leftAt(ahead(1n)) }, 'diverged'],
    ['the leader left before the checkpoint', { observation: leftAt(position('0/4000000')) }, 'diverged'],
    [
      'where its checkpoint ends is not known: the leader left within the length of such a record',
      { control: { checkpointEnd: null }, observation: leftAt(HEAD) },
      'fits',
    ],
    [
      'the leader left too far behind it for that',
      { control: { checkpointEnd: null }, observation: leftAt(ahead(300n)) },
      'diverged',
    ],
    [
      'one that was not shut down has no known position',
      { control: { state: 'in production' }, observation: leftAt(HEAD) },
      'unchecked',
    ],
    [
      'a directory without control data neither',
      { directory: { control: null }, observation: leftAt(HEAD) },
      'unchecked',
    ],
  ]);
});

describe('a timeline’s number is not its identity', () => {
  const leaders = history({ history: began(4, HEAD) });
  const observation = { leaderHistory: leaders };
  const on4 = { server: standbyAnswer({ timeline: branch(4) }), observation };
  const was4 = { control: { checkpointTimeline: branch(4) }, observation };
  table(fitsLeader, replica, [
    ['the same number from the same beginning is the same', { ...on4, ownBranch: began(4, HEAD) }, 'fits'],
    [
      'from another beginning it is another, and pg_rewind would not see it',
      { ...on4, ownBranch: began(4, behind(9n)) },
      'rewind-failed',
    ],
    ['where mine began is not known: the number is all there is', on4, 'fits'],
  ]);
  table(fitsLeader, formerPrimary, [
    [
      'two primaries, one after the other, took the same number',
      { ...was4, ownBranch: began(4, behind(9n)) },
      'rewind-failed',
    ],
    ['mine began where the leader’s did', { ...was4, ownBranch: began(4, HEAD) }, 'fits'],
    [
      'what was stopped in the middle of its crash recovery goes further than its last checkpoint',
      { ...was4, control: { ...was4.control, state: 'shut down in recovery', minRecoveryEnd: null } },
      'unchecked',
    ],
  ]);
});

describe('timelines of one number from one position differ in their WAL alone', () => {
  const twins = { leaderHistory: history({ sameWal: 'different' }) };
  table(fitsLeader, replica, [
    [
      'other WAL there than here is beyond pg_rewind, whatever the numbers say',
      { observation: twins },
      'rewind-failed',
    ],
    [
      'where the numbers differ, too, pg_rewind would begin at the wrong place',
      { server: standbyAnswer({ replayLsn: ahead(1n) }), observation: twins },
      'rewind-failed',
    ],
    ['the same WAL counts by position', { observation: { leaderHistory: history({ sameWal: 'same' }) } }, 'fits'],
    [
      'a leader that is not promoted yet may still come to nothing: its promotion will tell',
      { observation: { leaderHistory: history({ sameWal: 'different', inRecovery: true }) } },
      'unchecked',
    ],
  ]);
  table(fitsLeader, formerPrimary, [
    ['a former primary neither', { observation: twins }, 'rewind-failed'],
    [
      'of a position that is not known nothing is said',
      { control: { state: 'in production' }, observation: twins },
      'unchecked',
    ],
  ]);
});

/** Timeline `of` left the one before it there. */
function began(of: number, switchedAt: typeof HEAD): TimelineHistory {
  return { of: branch(of), switches: [{ parent: branch(of - 1), switchedAt, reason: '' }] };
}
