import { describe } from 'vitest';
import { candidate, type Difference, decided, leader, replica } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  C,
  NOW,
  peer,
  primaryAnswer,
  requested,
  scheduledIn,
  silentPeer,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import { revision } from '../domain/names.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { failsafeCall } from './failsafe.ts';
import { answerToFailsafe } from './failsafe-promise.ts';

/** An operator names `b`, past everything that a synchronous mode promises, and not past a primary that lives. */
const toMe = { lock: null, failover: requested({ leader: null, candidate: B }) };
const acquires = concludes('campaign', { kind: 'acquire-lock' });
const former = waits('wait-for-former-leader');
const neverAsked = { peersAskedAt: null };
const primary = peer('a', { recovery: 'primary', position: null });
const keyIsThere = { members: { a: {} } };
const promise = (to: typeof A, span: number) => ({ to, until: later(NOW, seconds(span)), slots: new Map() });
const started = (span: number) => ({
  startedAt: earlier(NOW, seconds(span)),
  unlockedSince: earlier(NOW, seconds(span)),
});

describe('I am named, and somebody else may be a primary yet', () => {
  const named = (difference: Difference) => candidate({ view: toMe, ...keyIsThere, ...difference });
  table(decided, named, [
    [
      'who may be one is asked, with all others',
      { peers: [], observation: neverAsked },
      concludes('ask-peers', { kind: 'ask-peers', members: [A, C] }),
    ],
    ['who says it itself is waited for', { peers: [peer('c'), primary] }, former],
    [
      'also whom the switchover leads away from',
      { view: { lock: null, failover: requested() }, peers: [peer('c'), primary] },
      former,
    ],
    ['who is silent is, too', { peers: [peer('c'), silentPeer('a')] }, former],
    ['no longer than a lease lasts', { peers: [peer('c'), primary], memory: started(30) }, acquires],
    [
      'nor when it is a standby again, however far it is',
      { peers: [peer('c'), peer('a', { position: ahead(9n) })] },
      acquires,
    ],
    [
      'nobody asks whose key says that it is down',
      { members: { a: { state: 'stopped' } }, peers: [], observation: neverAsked },
      acquires,
    ],
  ]);
});

describe('I am named, and a primary goes on without the store', () => {
  const named = (difference: Difference) => {
    return candidate({ view: toMe, ...difference, dynamic: { failsafe_mode: true, ...difference.dynamic } });
  };
  const listed = { ...toMe, failsafe: new Map([A, B, C].map((each) => [each, `http://${each}:8008/patroni`])) };
  table(decided, named, [
    ['what I promised it I keep', { memory: { promise: promise(A, 20) } }, waits('failsafe-promised')],
    [
      'also in a pause, of which it may not know',
      { dynamic: { pause: true }, memory: { promise: promise(A, 20) } },
      waits('failsafe-promised'),
    ],
    [
      'after that I am compared with nobody',
      { memory: { promise: promise(A, 0) }, peers: [peer('c', { position: ahead(1n) })] },
      acquires,
    ],
    [
      'seed 31002259: where I may have forgotten a promise, it is waited for as long as it answers as a primary',
      { view: listed, ...keyIsThere, peers: [primary, peer('c')], memory: started(5) },
      former,
    ],
    [
      'and no longer than a promise lasts',
      { view: listed, ...keyIsThere, peers: [primary, peer('c')], memory: started(30) },
      acquires,
    ],
  ]);

  const asked = (difference: Difference) => {
    const { o, m } = replica({ dynamic: { failsafe_mode: true }, ...difference });
    return answerToFailsafe(o, m, { call: failsafeCall(leader().o), reachesForLock: false });
  };
  const refused = { kind: 'text', status: 409 };
  const promised = { kind: 'promised' };
  const { failover } = toMe;
  table(asked, (each: Difference) => each, [
    ['seed 31002259: it gets no other promise, and so it stops', { view: toMe }, refused],
    ['nor does one whose lock has not run out yet', { view: { failover } }, refused],
    ['as long as I may not lead it gets one', { view: toMe, tags: { nofailover: true } }, promised],
    ['before the time of the request', { view: { failover: requested({ schedule: scheduledIn(60) }) } }, promised],
    [
      'where I need votes, which may be out of my reach',
      {
        view: { failover: requested(), sync: { leader: A, voters: [B, C], quorum: 1, modRevision: revision(70n) } },
        dynamic: { failsafe_mode: true, synchronous_mode: 'quorum' },
      },
      promised,
    ],
    ['when somebody else is named', { view: { failover: requested({ candidate: C }) } }, promised],
    ['and with the store away, where nobody could lead instead', { view: { failover }, store: 'silent' }, promised],
  ]);
});

describe('somebody else is named', () => {
  table(decided, candidate, [
    [
      'whom the switchover leads away from has not handed over while it is a primary',
      {
        view: { lock: null, failover: requested({ candidate: null }) },
        ...keyIsThere,
        peers: [peer('c'), primary],
      },
      waits('defer-to-peer'),
    ],
  ]);
  const unlocked = (difference: Difference) =>
    leader({
      view: { ...toMe },
      lock: { kind: 'not-held' },
      server: primaryAnswer(),
      peers: [peer('b', { position: behind(1n) }), peer('c')],
      observation: { peersAskedAt: NOW },
      ...difference,
      memory: { unlockedSince: earlier(NOW, millis(300)), acquired: null },
    });
  table(decided, unlocked, [
    ['a primary without a lock makes room', {}, runs('primary-not-entitled', { kind: 'stop', mode: 'fast' })],
    [
      'unless the other one could not lead',
      { peers: [peer('b', { watchdogFailed: true }), peer('c')] },
      concludes('reclaim-as-primary', { kind: 'acquire-lock' }),
    ],
  ]);
});
