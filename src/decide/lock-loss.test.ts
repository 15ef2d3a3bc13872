import { describe } from 'vitest';
import { crashed, decided, leader, replica } from '../../test/support/observations.ts';
import { doubtful, held, LOCK, lockOf, NOW, standbyAnswer, VIEW_REVISION } from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import { revision } from '../domain/names.ts';
import { later, millis } from '../domain/time.ts';

const taken = { view: { lock: lockOf('c') } };
const inDoubt = { lock: doubtful() };
const gone = { ...inDoubt, view: { lock: null } };
const vanished = { lockContinuity: { kind: 'vanished', createRevision: LOCK, at: NOW } } as const;
const unknown = { lockContinuity: { kind: 'unknown' } } as const;
const fenced = runs('lock-lost', { kind: 'stop', mode: 'immediate' });

describe('another member holds the lock', () => {
  table(decided, leader, [
    ['CC96, C-23: a primary stops at once, and asks later', { ...taken, lock: { kind: 'not-held' } }, fenced],
    ['also while its own lease seems to last', taken, fenced],
    [
      'also without a store: the last picture is bad enough',
      { ...taken, lock: { kind: 'not-held' }, store: 'silent' },
      fenced,
    ],
    ['also on a picture that is not the last', { ...taken, store: 'unsettled' }, fenced],
    [
      'a picture from before my own lock shows the past',
      { ...taken, lock: held({ createRevision: revision(VIEW_REVISION + 1n) }) },
      stays('lead'),
    ],
    [
      'a primary that does not answer may be writing all the same',
      { ...taken, server: { kind: 'silent', since: NOW } },
      fenced,
    ],
    ['CC39: so may one that is just starting', { ...taken, server: { kind: 'rejecting' } }, fenced],
    [
      'it is stopped before the hard fence',
      { ...taken, lock: held({ deadline: later(NOW, millis(2_300)) }) },
      runs('lock-lost', { kind: 'stop', timeout: millis(2_000) }),
    ],
    [
      'in a pause it runs on',
      { ...taken, lock: { kind: 'not-held' }, dynamic: { pause: true } },
      stays('pause-leave-alone'),
    ],
  ]);
  const cutShort = {
    ...taken,
    memory: { role: 'demoted', stopCutShort: true },
    observation: { postgresIsCurrent: false },
  } as const;
  table(decided, leader, [
    [
      'an orderly stop that was broken off for it is followed by the next one at once (seed 37406332)',
      cutShort,
      fenced,
    ],
    ['in a pause PostgreSQL is looked at first', { ...cutShort, dynamic: { pause: true } }, waits('look-first')],
    ['so it is where nobody else holds the lock', { ...cutShort, view: {} }, waits('look-first')],
    ['and after any other task', { ...cutShort, memory: { role: 'demoted' } }, waits('look-first')],
  ]);
  table(decided, replica, [
    ['a standby simply follows', taken, concludes('change-upstream', { kind: 'reconfigure' })],
    ['a standby whose promotion had begun is no standby', { ...taken, memory: { role: 'promoted' } }, fenced],
  ]);
  table(decided, crashed, [
    [
      'a primary that is down has nothing to stop, and its guardian may rest',
      { ...taken, lock: { kind: 'not-held' } },
      concludes('rest-guardian', { kind: 'disarm-guardian' }),
    ],
  ]);
});

describe('my lock is in doubt', () => {
  table(decided, leader, [
    [
      'C-30: it was deleted by hand, and nobody had it since: it is created again',
      { ...gone, memory: vanished },
      concludes('lock-deleted-by-hand', { kind: 'acquire-lock' }),
    ],
    [
      'the store shows it mine: taking it over settles the doubt',
      inDoubt,
      concludes('adopt-own-lock', { kind: 'adopt-lock', createRevision: LOCK, modRevision: LOCK }),
    ],
    ['not on a picture that is not the last', { ...inDoubt, store: 'unsettled' }, waits('own-lock-in-doubt')],
    [
      'the pictures in between are not complete: somebody may have had it',
      { ...gone, memory: unknown },
      runs('lock-vanished', { kind: 'stop', mode: 'fast' }),
    ],
    [
      'close to the deadline there is no time for doubts',
      { ...gone, lock: doubtful(later(NOW, millis(1_300))), memory: vanished },
      runs('lease-running-out', { kind: 'stop' }),
    ],
    [
      'a standby need not be stopped for it',
      { ...inDoubt, server: standbyAnswer() },
      concludes('adopt-own-lock', { kind: 'adopt-lock' }),
    ],
  ]);
});
