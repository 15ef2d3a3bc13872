import { describe } from 'vitest';
import { candidate, type Difference, decided } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  C,
  HEAD,
  lockOf,
  NOW,
  peer,
  primaryAnswer,
  requested,
  silentPeer,
} from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import type { FailsafeMembers } from '../domain/failsafe.ts';
import type { MemberName } from '../domain/names.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';

const on = { failsafe_mode: true };
const url = (name: string): string => `http://${name}:8008/patroni`;
const listing = (...names: readonly MemberName[]): FailsafeMembers => new Map(names.map((each) => [each, url(each)]));

/** What the last leader told, in failsafe mode. */
const toldFor = (ttl: number) => ({
  lastLsn: HEAD,
  slots: new Map(),
  retainSlots: [],
  failsafeTtl: seconds(ttl),
});

describe('nobody holds the lock, and I have left the lead to somebody', () => {
  const primaryPeer = peer('a', { recovery: 'primary', position: null });
  const free = peer('c', { isUnpromised: true });
  const more = peer('c', { position: ahead(1n) });
  const ledByA = { name: A, members: [], seenAt: earlier(NOW, seconds(1)) };
  const keeping = (difference: Difference = {}) =>
    candidate({
      dynamic: on,
      ...difference,
      memory: { promise: { to: A, until: later(NOW, seconds(20)), slots: new Map() }, ...difference.memory },
    });
  table(decided, keeping, [
    ['CC24: I keep out of the race', {}, { rule: 'failsafe-promised', facts: { to: A } }],
    [
      'CC25: until that is over',
      { memory: { promise: { to: A, until: NOW, slots: new Map() } } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'or until it says itself that it is a standby',
      { peers: [peer('a'), peer('c')] },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'a restored store that shows the lock as mine changes nothing',
      { view: { lock: lockOf('b') } },
      waits('failsafe-promised'),
    ],
    [
      'W37: just started, I may have forgotten it, and wait as long as one on the list is silent',
      { view: { failsafe: listing(A, B, C) }, memory: { promise: null, startedAt: earlier(NOW, seconds(5)) } },
      { rule: 'failsafe-promised', facts: { to: A, isPerhaps: true } },
    ],
    [
      'W37: also whom an operator names (seed 8102053)',
      {
        view: { failsafe: listing(A, B, C), failover: requested({ leader: null, candidate: B }) },
        memory: { promise: null, startedAt: earlier(NOW, seconds(5)) },
      },
      waits('failsafe-promised'),
    ],
    [
      'for as long as the last leader asked for, which may not have heard of a shorter ttl',
      {
        dynamic: { ...on, ttl: 5 },
        view: { failsafe: listing(A, B, C), status: toldFor(30) },
        memory: { promise: null, startedAt: earlier(NOW, seconds(29)) },
      },
      waits('failsafe-promised'),
    ],
    [
      'nor of the mode being off',
      {
        dynamic: {},
        view: { failsafe: listing(A, B, C), status: toldFor(30) },
        memory: { promise: null, startedAt: earlier(NOW, seconds(29)) },
      },
      waits('failsafe-promised'),
    ],
    [
      'and no longer when all of them answer',
      { view: { failsafe: listing(B, C) }, memory: { promise: null, startedAt: earlier(NOW, seconds(5)) } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'C-42, CC27: who is not on the list may not win while one on it is silent',
      { view: { failsafe: listing(A, C) }, memory: { promise: null } },
      waits('may-not-campaign'),
    ],
    [
      'a list counts only while the mode is on',
      { dynamic: {}, view: { failsafe: listing(A, C) }, memory: { promise: null } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'or until the last leader has told that it is off: one without the store does not hear of that',
      { dynamic: {}, view: { failsafe: listing(A, C), status: toldFor(30) }, memory: { promise: null } },
      waits('may-not-campaign'),
    ],
    [
      'not before one on it has said that it is no primary: what it said under the last leader tells nothing of now',
      {
        view: { failsafe: listing(A, C) },
        memory: { promise: null },
        peers: [peer('a', { askedAt: earlier(NOW, millis(400)) }), peer('c')],
      },
      waits('may-not-campaign'),
    ],
    [
      'nor while one on it is a primary',
      {
        view: { failsafe: listing(A, C) },
        memory: { promise: null },
        peers: [primaryPeer, peer('c')],
      },
      waits('may-not-campaign'),
    ],
    [
      'but once all of them say so: nobody leads by their word (seed 31020425)',
      { view: { failsafe: listing(A, C) }, memory: { promise: null }, peers: [peer('a'), peer('c')] },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'or that PostgreSQL is down there, as where the data directory was lost (seed 31020425)',
      {
        view: { failsafe: listing(A, C) },
        memory: { promise: null },
        peers: [{ ...silentPeer('a'), atRest: true }, peer('c')],
      },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'for all that, a better one is left the lock',
      {
        view: { failsafe: listing(C) },
        memory: { promise: null, lastHolder: null },
        peers: [peer('c', { position: ahead(1n) })],
      },
      waits('defer-to-peer'),
    ],
    [
      'also one that the list leaves out, too',
      {
        view: { failsafe: listing(C) },
        members: { a: {} },
        memory: { promise: null },
        peers: [peer('a', { position: ahead(1n) }), peer('c')],
      },
      waits('defer-to-peer'),
    ],
    [
      'the last leader is asked, too: the list of a restored store may be older',
      { view: { failsafe: listing(C) }, memory: { promise: null, lastHolder: ledByA }, peers: [peer('c')] },
      waits('may-not-campaign'),
    ],
    [
      'nor before a standby on it says that it lets nobody go on: that would need the word of all',
      { view: { failsafe: listing(A, C) }, memory: { promise: null }, peers: [peer('c')] },
      waits('may-not-campaign'),
    ],
    [
      'once one says so, it is enough',
      { view: { failsafe: listing(A, C) }, memory: { promise: null }, peers: [free] },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'not when that was under the last leader',
      {
        view: { failsafe: listing(A, C) },
        memory: { promise: null, unlockedSince: earlier(NOW, millis(590)) },
        peers: [{ ...free, askedAt: earlier(NOW, millis(600)) }],
        observation: { peersAskedAt: earlier(NOW, millis(550)) },
      },
      waits('may-not-campaign'),
    ],
    [
      'nor the word of a primary, which goes on by that of others',
      {
        view: { failsafe: listing(A, C) },
        memory: { promise: null },
        peers: [{ ...free, recovery: 'primary', position: null }],
      },
      waits('may-not-campaign'),
    ],
    [
      'nor of one that the list leaves out, too: nobody asked it',
      { view: { failsafe: listing(A) }, memory: { promise: null }, peers: [free] },
      waits('may-not-campaign'),
    ],
    [
      'nor of one on a list that does not name the last leader: that one asked others',
      { view: { failsafe: listing(C) }, memory: { promise: null, lastHolder: ledByA }, peers: [free] },
      waits('may-not-campaign'),
    ],
    [
      'whom an operator names has to hear them as well',
      {
        view: { failsafe: listing(A, C), failover: requested({ leader: null, candidate: B }) },
        memory: { promise: null },
      },
      waits('may-not-campaign'),
    ],
    [
      'whoever is on it leaves the lock to one that has more, which may lead now',
      { view: { failsafe: listing(A, B) }, memory: { promise: null }, peers: [more] },
      waits('defer-to-peer'),
    ],
    [
      'for one ttl: what keeps that one from it is not known',
      {
        view: { failsafe: listing(A, B) },
        memory: { promise: null, unlockedSince: earlier(NOW, seconds(30)) },
        peers: [more],
      },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'counted from the end of the last promise',
      {
        view: { failsafe: listing(A, B) },
        memory: {
          promise: { to: A, until: earlier(NOW, seconds(1)), slots: new Map() },
          unlockedSince: earlier(NOW, seconds(30)),
        },
        peers: [more],
      },
      waits('defer-to-peer'),
    ],
    [
      "but not to one of Patroni's, which never leads so",
      {
        view: { failsafe: listing(A, B) },
        members: { c: { agent: 'foreign' } },
        memory: { promise: null },
        peers: [more],
      },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'and nobody waits for it to win where nothing would be lost',
      {
        view: { failsafe: listing(A, B) },
        memory: { promise: null },
        peers: [peer('c', { tags: { failover_priority: 9 } })],
      },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
  ]);
});

describe('nobody holds the lock, and one that the list leaves out has more than I', () => {
  const further = peer('c', { position: ahead(1n) });
  const unlisted = (difference: Difference = {}) =>
    candidate({
      dynamic: on,
      members: { a: { role: 'replica' } },
      peers: [peer('a'), further],
      ...difference,
      view: { failsafe: listing(A, B), ...difference.view },
    });
  const takesIt = concludes('campaign', { kind: 'acquire-lock' });
  table(decided, unlisted, [
    [
      'once all on the list say that they are no primaries it may lead, and is left the lock (seed 31090044)',
      {},
      waits('defer-to-peer'),
    ],
    [
      'as where no PostgreSQL runs there',
      { peers: [{ ...silentPeer('a'), atRest: true }, further] },
      waits('defer-to-peer'),
    ],
    ['while one on it is silent my own word is enough', { peers: [silentPeer('a'), further] }, waits('defer-to-peer')],
    [
      'while one that led last is, which the list leaves out, too, it may not, and nobody defers to it',
      { view: { failsafe: listing(B) }, peers: [silentPeer('a'), further] },
      takesIt,
    ],
    [
      'a primary says what it is, and takes its lock back',
      { server: primaryAnswer() },
      concludes('reclaim-as-primary', { kind: 'acquire-lock' }),
    ],
  ]);
});
