import { describe, expect, test } from 'vitest';
import { candidate, decided, leader, replica, stopped, winner } from '../../test/support/observations.ts';
import { doubtful, held, NOW, standbyAnswer } from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { remember } from './remember.ts';

const silent = { store: 'silent' } as const;
const fastStopIn = (span: number) => held({ deadline: later(NOW, millis(1_300 + span)) });
const silentFor = (span: ReturnType<typeof seconds>) =>
  ({
    observation: { store: { kind: 'silent', view: null, since: earlier(NOW, span), reason: 'timed out' } },
  }) as const;

describe('the lease runs out because the store does not confirm it', () => {
  table(decided, leader, [
    ['a leader goes on as long as its lease lasts', silent, stays('lead')],
    ['also while the last renewal failed', { ...silent, lease: { storeTrouble: 'timed out' } }, stays('lead')],
    [
      'PG-58: it stops in good time before the deadline, without a checkpoint first',
      { ...silent, lock: fastStopIn(0) },
      runs('lease-running-out', { kind: 'stop', mode: 'fast', checkpointFirst: false }),
    ],
    ['not a moment earlier', { ...silent, lock: fastStopIn(1) }, stays('lead')],
    [
      'a store that refuses is no better than one that is silent',
      { lock: fastStopIn(0), lease: { storeTrouble: 'refused: permission denied' } },
      runs('lease-running-out', { kind: 'stop' }),
    ],
    [
      'the orderly stop has time until the hard fence',
      { ...silent, lock: fastStopIn(0) },
      runs('lease-running-out', { kind: 'stop', timeout: millis(1_000) }),
    ],
    [
      'after that it has none',
      { ...silent, lock: held({ deadline: later(NOW, millis(100)) }) },
      runs('lease-running-out', { kind: 'stop', timeout: millis(0) }),
    ],
    [
      'a lock in doubt counts by the last deadline that was proven',
      { ...silent, lock: doubtful(later(NOW, millis(1_300))) },
      runs('lease-running-out', { kind: 'stop' }),
    ],
    [
      'a primary that does not answer may be writing all the same',
      { ...silent, lock: fastStopIn(0), server: { kind: 'silent', since: NOW } },
      runs('lease-running-out', { kind: 'stop' }),
    ],
    [
      'a standby has nothing to stop',
      { ...silent, lock: fastStopIn(0), server: standbyAnswer() },
      waits('own-lock-in-doubt'),
    ],
    [
      'CC15: a paused cluster runs on',
      { ...silent, lock: fastStopIn(0), dynamic: { pause: true } },
      stays('pause-keep-lock'),
    ],
  ]);
});

describe('a member without the lock', () => {
  table(decided, replica, [
    ['CC14: a replica goes on following', silent, waits('store-lost-replica')],
    ['even when it never saw a picture', silentFor(seconds(60)), waits('store-lost-replica')],
    [
      'a store that never answered since the start leaves everything as it is',
      { store: 'unknown' },
      waits('store-not-seen'),
    ],
  ]);
  table(decided, candidate, [['nobody campaigns without the store', silent, waits('store-lost-replica')]]);
  table(decided, winner, [
    [
      'a winner is not promoted without it: the lock is proven, and yet nobody could see a request',
      silent,
      waits('own-lock-in-doubt'),
    ],
  ]);
});

describe('a stopped PostgreSQL', () => {
  table(decided, stopped, [
    [
      'serves reads and follows nobody',
      silent,
      runs('store-lost-restart-readonly', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'but not a copy that was never consistent',
      { ...silent, directory: { hasBackupLabel: true } },
      waits('store-lost-replica'),
    ],
    [
      'nor one whose start broke off before it was',
      { ...silent, control: { state: 'in archive recovery', beforeBackupEnd: true } },
      waits('store-lost-replica'),
    ],
    [
      'nor one that is half rewound: it might start, with pages of two histories',
      { ...silent, directory: { isHalfRewound: true } },
      waits('store-lost-replica'),
    ],
    ['nor one that no picture tells anything of', silentFor(seconds(1)), waits('store-lost-replica')],
  ]);
});

describe('a primary without any lease', () => {
  const without = { lock: { kind: 'not-held' }, memory: { acquired: null } } as const;
  table(decided, leader, [
    ['waits for the store for one retry_timeout', { ...without, ...silent }, waits('store-lost-primary')],
    [
      'then it stops: somebody else may lead by now, and nothing would tell',
      { ...without, ...silentFor(seconds(10)) },
      runs('store-lost-primary', { kind: 'stop', mode: 'fast' }),
    ],
    [
      'stops as well when the store answers and no lock is proven for long',
      { lock: { kind: 'not-held' }, memory: { acquired: null, unprovenSince: earlier(NOW, seconds(10)) } },
      runs('store-lost-primary', { kind: 'stop', mode: 'fast' }),
    ],
    [
      'not before its proof has had its time',
      { lock: { kind: 'not-held' }, memory: { acquired: null, unprovenSince: earlier(NOW, seconds(4)) } },
      { rule: expect.not.stringContaining('store-lost-primary') },
    ],
    [
      'a paused one runs on',
      { ...without, ...silentFor(seconds(10)), dynamic: { pause: true } },
      concludes('pause-leave-alone', { kind: 'stay' }),
    ],
  ]);

  test('the time for a proof begins with the picture that ends a pause, not with the next look (seed 30021529)', () => {
    const told = (pause: boolean) => {
      const { o, m } = leader({ lock: { kind: 'not-held' }, memory: { acquired: null }, dynamic: { pause } });
      return remember(m, o, { kind: 'view', gapless: true }).unprovenSince;
    };

    expect(told(true)).toBeNull();
    expect(told(false)).toBe(NOW);
  });
});
