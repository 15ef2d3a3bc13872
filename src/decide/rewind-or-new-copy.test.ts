import { describe } from 'vitest';
import { decided, formerPrimary, stopped } from '../../test/support/observations.ts';
import { A, branch, fromA, history, NOW } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Divergence } from '../domain/memory.ts';
import { earlier, millis, seconds } from '../domain/time.ts';

const fits: Divergence = { kind: 'fits', leader: A, leaderTimeline: branch(3) };
const diverged: Divergence = {
  kind: 'diverged',
  leader: A,
  leaderTimeline: branch(4),
  why: 'it has more than the leader',
};
const neverRemoved = { removeDataOnRewindFailure: false, removeDataOnDivergedTimelines: false };
const doesNotStart: Divergence = { kind: 'rewind-failed', leader: A, attempts: 3, why: 'no space', doesNotStart: true };
const nobodyLeads = { lock: null } as const;
const leaderIsDone = { a: { timeline: branch(4) } };
const answered = { leaderHistory: history() };
const asStandbyOfA = { kind: 'start', desired: { standby: { upstream: fromA } } } as const;

describe('PostgreSQL is down and the lock is not mine', () => {
  table(decided, stopped, [
    [
      'what is not known is asked: the leader’s history',
      {},
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    ['a directory that fits starts and follows', { memory: { divergence: fits } }, runs('start-follow', asStandbyOfA)],
    [
      'a standby that was killed holds more than its control file notes: it follows nobody before that was compared',
      { control: { state: 'in archive recovery' }, memory: { divergence: fits } },
      runs('start-unverified', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'one that was stopped in order replays first what it had received, and may come to lie past where the leader left its timeline',
      { memory: { divergence: { ...fits, leaderTimeline: branch(4) } } },
      runs('start-unverified', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'a fresh base backup starts without further questions',
      { directory: { signal: 'standby', hasBackupLabel: true }, control: { state: 'in production' } },
      runs('start-fresh-copy', asStandbyOfA),
    ],
    [
      'so does one of the leader',
      { directory: { signal: 'standby', hasBackupLabel: true }, memory: { copiedFrom: 'a' } },
      runs('start-fresh-copy', asStandbyOfA),
    ],
    [
      'one of another member may lie on a timeline that only has the number of the leader’s: it follows nobody yet',
      { directory: { signal: 'standby', hasBackupLabel: true }, memory: { copiedFrom: 'c' } },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'what was rewound and does not start is tried again where nothing else is allowed (seed 440136)',
      {
        directory: { signal: 'standby', hasBackupLabel: true },
        effective: neverRemoved,
        memory: { divergence: doesNotStart },
      },
      runs('start-fresh-copy', asStandbyOfA),
    ],
    [
      'also when the start that broke off has taken the backup label away (seed 32030340)',
      { directory: { signal: 'standby' }, effective: neverRemoved, memory: { divergence: doesNotStart } },
      runs('start-fresh-copy', asStandbyOfA),
    ],
    [
      'nobody leads: it starts read-only and follows nobody, so that it can take part in the race',
      { view: nobodyLeads },
      runs('start-without-leader', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'half rewound it does not start, whoever is gone: it might win a race with pages of two histories',
      { view: nobodyLeads, directory: { isHalfRewound: true } },
      waits('half-rewound'),
    ],
    [
      'nor when the leader cannot be asked for long',
      { directory: { isHalfRewound: true }, memory: { unavailableSince: earlier(NOW, seconds(60)) } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'half rewound it is rewound again, from whoever leads now',
      {
        directory: { isHalfRewound: true },
        members: leaderIsDone,
        memory: { divergence: diverged },
        observation: answered,
      },
      runs('rewind', { kind: 'rewind', from: fromA }),
    ],
    [
      'half rewound, and the control file of before fits: pg_rewind would do nothing, and a person decides',
      { directory: { isHalfRewound: true }, memory: { divergence: fits } },
      waits('diverged-needs-operator'),
    ],
    [
      'or it is copied anew where that is allowed',
      {
        directory: { isHalfRewound: true },
        memory: { divergence: fits },
        effective: { removeDataOnRewindFailure: true },
        observation: answered,
      },
      runs('new-copy', { kind: 'clone', from: fromA }),
    ],
    [
      'a leader without an address cannot be asked',
      { members: { a: { connUrl: null } } },
      runs('start-unverified', { kind: 'start' }),
    ],
    [
      'an answer that says nothing yet is asked for again a moment later',
      { observation: { leaderHistory: history({ inRecovery: true }) } },
      { rule: 'wait-for-leader-primary', facts: { why: 'it is still in recovery' } },
    ],
    [
      'and then again',
      { observation: { leaderHistory: history({ inRecovery: true, askedAt: earlier(NOW, millis(301)) }) } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'but not for ever: it starts read-only, and follows nobody before it was compared',
      { memory: { unavailableSince: earlier(NOW, seconds(15)) } },
      runs('start-unverified', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'PG-43: a member that never streams is checked, too, and follows nobody',
      { tags: { nostream: true } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'CC113: a cascading member asks the leader',
      { tags: { replicatefrom: 'c' } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: fromA }),
    ],
    [
      'and follows whom it should',
      { tags: { replicatefrom: 'c' }, memory: { divergence: fits } },
      runs('start-follow', { kind: 'start', desired: { standby: { upstream: { member: 'c' } } } }),
    ],
  ]);
});

describe('a former primary', () => {
  const dirty = { control: { state: 'in production' } } as const;
  table(decided, formerPrimary, [
    [
      'CC61: that was not shut down is recovered first, so that its last position is known',
      dirty,
      runs('recover-before-check', { kind: 'crash-recovery' }),
    ],
    [
      'also while nobody leads',
      { ...dirty, view: nobodyLeads },
      runs('recover-before-check', { kind: 'crash-recovery' }),
    ],
    [
      'CC62, PG-66: a base backup of a crashed server is none: its label says where to begin',
      { ...dirty, directory: { hasBackupLabel: true } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'CC63: without pg_rewind there is nothing to recover it for',
      { ...dirty, dynamic: { postgresql: { use_pg_rewind: false } } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'a recovery that keeps failing is given up',
      { ...dirty, memory: { backoffs: new Map([['recover-before-check', backoff(2)]]) } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    ['a clean one is compared at once', {}, concludes('ask-leader-history', { kind: 'ask-history' })],
    [
      'CC103: one that diverged is rewound',
      { members: leaderIsDone, memory: { divergence: diverged }, observation: answered },
      runs('rewind', { kind: 'rewind', from: fromA }),
    ],
    [
      'CC109: not before the leader has checkpointed',
      { members: { a: { timeline: branch(4), checkpointAfterPromote: 'pending' } }, memory: { divergence: diverged } },
      waits('wait-for-checkpoint'),
    ],
    [
      'not from a leader that has not published its promotion',
      { members: { a: { role: 'replica' } }, memory: { divergence: diverged } },
      waits('wait-for-checkpoint'),
    ],
    [
      'nor while it publishes no timeline at all: what it says may be older than its promotion',
      { members: { a: { timeline: null } }, memory: { divergence: diverged } },
      waits('wait-for-checkpoint'),
    ],
    ['nor its new timeline', { memory: { divergence: diverged } }, waits('wait-for-checkpoint')],
    [
      'the same decision is not repeated before its back-off',
      {
        members: leaderIsDone,
        memory: { divergence: diverged, backoffs: new Map([['rewind', backoff(1)]]) },
        observation: answered,
      },
      waits('backing-off'),
    ],
  ]);
});

function backoff(failures: number) {
  return { until: (NOW + 1_000) as typeof NOW, failures, reason: 'it failed', span: millis(1_000) };
}
