import { describe, expect } from 'vitest';
import { candidate, crashed, decided, leader, replica, stopped } from '../../test/support/observations.ts';
import {
  A,
  anyFiles,
  branch,
  C,
  doubtful,
  held,
  LOCK,
  lockOf,
  NOW,
  peer,
  requested,
  VIEW_REVISION,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import type { Backoff } from '../domain/decision.ts';
import { revision } from '../domain/names.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';

describe('in a healthy cluster nothing is to be done', () => {
  table(decided, leader, [['CC93: the leader leads', {}, stays('lead')]]);
  table(decided, replica, [['the replica follows', {}, stays('follow')]]);
});

describe('nothing is decided blindly', () => {
  table(decided, leader, [
    ['before the first look at PostgreSQL', { observation: { postgres: null } }, waits('look-first')],
    ['before the heartbeat has reported', { observation: { lease: null } }, waits('look-first')],
    [
      'on a look from before the last thing that was done',
      { observation: { postgresIsCurrent: false } },
      waits('look-first'),
    ],
    ['before the first picture of the cluster', { store: 'unknown' }, waits('store-not-seen')],
    ['on a picture without my own last write', { store: 'unsettled' }, waits('own-writes-unsettled')],
  ]);
});

describe('backends without a postmaster may still commit', () => {
  const left = { process: { kind: 'orphaned', processCount: 3 }, server: { kind: 'down' } } as const;
  const ended = runs('end-orphans', { kind: 'end-orphans' });
  table(decided, leader, [
    ['they are ended before anything is started again', left, ended],
    ['also when another holds the lock', { ...left, view: { lock: lockOf('c') } }, ended],
    ['also when the agent leaves', { ...left, memory: { leaving: NOW } }, ended],
    ['also without the store', { ...left, store: 'silent' }, ended],
    ['in a pause they are left alone', { ...left, dynamic: { pause: true } }, waits('pause-leave-alone')],
  ]);
});

describe('a decision that failed is not repeated before its back-off', () => {
  const failed = (rule: string, failures = 1): { readonly backoffs: ReadonlyMap<string, Backoff> } => ({
    backoffs: new Map([[rule, { until: later(NOW, millis(1)), failures, reason: 'refused', span: millis(250) }]]),
  });
  const took = (how: 'race' | 'adopted') => ({ acquired: { createRevision: LOCK, at: earlier(NOW, seconds(9)), how } });
  const over = {
    backoffs: new Map([['campaign', { until: NOW, failures: 1, reason: 'refused', span: millis(250) }]]),
  };
  table(decided, candidate, [
    ['it waits', { memory: failed('campaign') }, waits('backing-off')],
    ['until then', { memory: over }, concludes('campaign', { kind: 'acquire-lock' })],
    [
      'the failure of another rule is another matter',
      { memory: failed('promote') },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
  ]);
  table(decided, leader, [
    ['what does nothing never waits', { memory: failed('lead') }, stays('lead')],
    [
      'a stop does not wait',
      { view: { lock: lockOf('c') }, memory: failed('lock-lost', 2) },
      runs('lock-lost', { kind: 'stop' }),
    ],
    ['unless it keeps failing', { view: { lock: lockOf('c') }, memory: failed('lock-lost', 3) }, waits('backing-off')],
    [
      'files that cannot be written keep nothing else waiting',
      { memory: { applied: null, ...failed('apply-configuration') } },
      stays('lead'),
    ],
    [
      'nor does a request that the store does not let it take away',
      {
        view: { failover: requested({ leader: C }) },
        memory: { reloadDue: true, ...took('adopted'), ...failed('switchover-refused') },
      },
      concludes('apply-configuration', { kind: 'reconfigure' }),
    ],
    [
      'also one that is fulfilled',
      { view: { failover: requested({ leader: C }) }, memory: { ...took('race'), ...failed('request-fulfilled') } },
      stays('lead'),
    ],
  ]);
  const diverged = { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'beyond' } as const;
  table(decided, replica, [
    [
      'as where a standby has parted from its leader, and its disk is full',
      { memory: { applied: null, divergence: diverged, ...failed('apply-configuration') } },
      runs('stop-to-rewind', { kind: 'stop' }),
    ],
  ]);
});

describe('the lock bears my name', () => {
  const notHeld = { lock: { kind: 'not-held' } } as const;
  const adopts = concludes('adopt-own-lock', { kind: 'adopt-lock', createRevision: LOCK, modRevision: LOCK });
  table(decided, leader, [
    ['C-21: under an older lease, after a restart of the agent: mine is put on it', notHeld, adopts],
    ['under my own lease, in doubt since a release was refused: it is taken again', { lock: doubtful() }, adopts],
    [
      'which I gave away already: it is nobody’s',
      { ...notHeld, memory: { released: LOCK, acquired: null } },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    ['not while the store is silent', { ...notHeld, store: 'silent' }, waits('store-lost-primary')],
  ]);
  table(decided, replica, [
    [
      'also when PostgreSQL here is a standby: the promotion goes on from there',
      { view: { lock: lockOf('b', LOCK) } },
      adopts,
    ],
  ]);
  table(decided, crashed, [
    ['also when PostgreSQL is down', { ...notHeld, memory: { guardianRests: true } }, adopts],
    [
      'a hand-over that was not finished is finished instead',
      { ...notHeld, memory: { guardianRests: true, crash: null, handOver: { candidate: null, since: NOW } } },
      concludes('switchover-release', { kind: 'release-lock', createRevision: LOCK }),
    ],
  ]);
});

describe('a guardian that has nothing to guard rests', () => {
  const rests = concludes('rest-guardian', { kind: 'disarm-guardian' });
  const armed = { guardianRests: false };
  table(decided, stopped, [
    ['PostgreSQL is down and another leads: it would end what is started next', { memory: armed }, rests],
    ['it is told once', { memory: { guardianRests: true } }, concludes('ask-leader-history', { kind: 'ask-history' })],
    [
      'not while the lock may be mine: the picture is from before it',
      { memory: armed, lock: held({ createRevision: revision(VIEW_REVISION + 1n) }) },
      { rule: expect.not.stringMatching('rest-guardian') },
    ],
    [
      'another took it since, and only a clock that stood still says mine (seed 10002404)',
      { memory: armed, lock: held() },
      rests,
    ],
    [
      'nor while it looks mine: it is taken over instead',
      { memory: armed, view: { lock: lockOf('b') } },
      concludes('adopt-own-lock', { kind: 'adopt-lock' }),
    ],
    [
      'without the store nobody is promoted under it',
      { memory: armed, view: { lock: lockOf('b') }, store: 'silent' },
      rests,
    ],
    ['before the first picture nothing is known', { memory: armed, store: 'unknown' }, waits('store-not-seen')],
  ]);
  table(decided, replica, [
    ['a standby, too', { memory: armed }, rests],
    [
      'not one whose promotion had begun',
      { memory: { ...armed, role: 'promoted' } },
      { rule: expect.not.stringMatching('rest-guardian') },
    ],
  ]);
});

describe('PostgreSQL gives no answer that helps', () => {
  const rejecting = { server: { kind: 'rejecting' } } as const;
  const asked = { peers: [], observation: { peersAskedAt: NOW } };
  const longAgo = { unavailableSince: earlier(NOW, millis(300_000)) };
  const alone = { upstream: null, slot: null, recovery: {} };
  table(decided, leader, [
    [
      'CC37: a holder that is starting has its time',
      { ...rejecting, memory: { unavailableSince: NOW } },
      waits('still-starting'),
    ],
    ['one that hangs, too', { server: { kind: 'silent', since: NOW } }, waits('silent-server')],
    ['a postmaster without its socket is starting', { server: { kind: 'down' } }, waits('still-starting')],
    [
      'CC38: after primary_start_timeout the others are asked',
      { ...rejecting, memory: longAgo },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    [
      'what waits for WAL of others and follows nobody gets none: they are asked sooner (seed 11700670)',
      {
        ...rejecting,
        control: { beforeBackupEnd: true },
        memory: { unavailableSince: earlier(NOW, millis(15_000)), applied: { ...anyFiles, standby: alone } },
      },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    [
      'nor does one that was found so by an agent that was restarted',
      {
        ...rejecting,
        control: { beforeBackupEnd: true },
        memory: { unavailableSince: earlier(NOW, millis(15_000)), applied: null },
      },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    [
      'one that has all that it needs is not hurried',
      {
        ...rejecting,
        memory: { unavailableSince: earlier(NOW, millis(15_000)), applied: { ...anyFiles, standby: alone } },
      },
      waits('still-starting'),
    ],
    [
      'CC38: nobody could take over: it goes on',
      { ...rejecting, memory: longAgo, ...asked, members: { b: null, c: null } },
      waits('still-starting'),
    ],
    [
      'CC38: somebody could: it is stopped',
      {
        ...rejecting,
        memory: longAgo,
        peers: [candidatePeer()],
        observation: { peersAskedAt: NOW },
        members: { c: null },
      },
      runs('start-timeout', { kind: 'stop', mode: 'immediate' }),
    ],
    [
      'the time that a failed restart took is counted',
      {
        ...rejecting,
        memory: { unavailableSince: NOW, crash: { since: longAgo.unavailableSince, attempts: 1 } },
      },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
  ]);
  table(decided, replica, [
    ['CC41: a standby that is starting is waited for', rejectingStandby(), waits('still-starting')],
    [
      'one that cannot become consistent without WAL does not wait for a leader that is none any more',
      { ...rejectingStandby(), view: { lock: lockOf('c') } },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { member: 'c' } } } }),
    ],
  ]);
});

function rejectingStandby() {
  return { server: { kind: 'rejecting' }, directory: { signal: 'standby' } } as const;
}

function candidatePeer() {
  return peer('b', { askedAt: NOW });
}
