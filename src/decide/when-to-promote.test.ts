import { describe } from 'vitest';
import { type Difference, decided, winner } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  C,
  doubtful,
  held,
  idleStandby,
  LATER_LOCK,
  lockOf,
  NOW,
  peer,
  requested,
  silentPeer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import { revision, storeKey } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';

const promotes = runs('promote', { kind: 'promote' });
const givenBack = concludes('outrun-after-acquire', { kind: 'release-lock', createRevision: LATER_LOCK });
const underMyLock = { kind: 'create-revision-is', key: storeKey('leader'), revision: LATER_LOCK };
const lease = (left: number) => held({ createRevision: LATER_LOCK, deadline: later(NOW, millis(left)) });
const adopted = { createRevision: LATER_LOCK, at: NOW, how: 'adopted' } as const;
const before = earlier(NOW, millis(300));
const further = peer('c', { position: ahead(1n) });
const leftOut = {
  dynamic: { failsafe_mode: true },
  view: { lock: lockOf('b'), failsafe: new Map([[C, 'http://c:8008/patroni']]) },
  memory: { lastHolder: { name: B, members: [], seenAt: NOW } },
};

/** A lock that only bore its name, and a list that leaves `c` out. */
function foundWith(...peers: readonly PeerAnswer[]): Difference {
  return {
    dynamic: { failsafe_mode: true },
    view: { failsafe: new Map([A, B].map((name) => [name, `http://${name}:8008/patroni`])) },
    members: { a: { role: 'replica' } },
    server: idleStandby(),
    peers,
    memory: { lastHolder: leftOut.memory.lastHolder, acquired: { ...adopted, at: before } },
  };
}

/** The cluster follows nobody any more, and the others were asked so long ago. */
function whileFollowed(span: number): Difference {
  const acquired = { ...adopted, at: earlier(NOW, millis(1_500)) };
  return { observation: { peersAskedAt: earlier(NOW, millis(span)) }, memory: { acquired } };
}

/** The agent is two seconds old, the lock bears its name, and nobody else answers. */
function foundAnew({ foundPrimary }: Pick<Memory, 'foundPrimary'>): Difference {
  return {
    dynamic: { failsafe_mode: true },
    view: { lock: lockOf('b'), failsafe: new Map([...leftOut.view.failsafe, [B, 'http://b:8008/patroni']]) },
    peers: [silentPeer('c')],
    observation: { peersAskedAt: earlier(NOW, millis(600)) },
    memory: {
      acquired: { ...adopted, at: earlier(NOW, seconds(1)) },
      startedAt: earlier(NOW, seconds(2)),
      foundPrimary,
    },
  };
}

describe('when may a lease holder promote', () => {
  table(decided, winner, [
    ['CC94: its lock is proven, a guardian is armed, and nobody is ahead', {}, promotes],
    ['not when an orderly stop would have to begin soon', { lock: lease(1_800) }, waits('lease-too-short-to-promote')],
    [
      'CC80, PG-55: the operator’s pre_promote said no: the lock is given up',
      { memory: { vetoedAt: before } },
      concludes('promotion-vetoed', { kind: 'release-lock', createRevision: LATER_LOCK }),
    ],
    ['so it is under a lock of one ttl later', { memory: { vetoedAt: earlier(NOW, seconds(30)) } }, promotes],
    ['just enough is enough', { lock: lease(1_801) }, promotes],
    [
      'not before the store names the cluster: others would take it for one that was never created, and make another',
      { view: { initialize: { kind: 'in-progress', modRevision: revision(9n) } } },
      concludes('register-before-promotion', {
        kind: 'write',
        write: { key: storeKey('initialize'), when: [underMyLock, { kind: 'mod-revision-is', revision: 9n }] },
      }),
    ],
    [
      'nor where somebody removed that',
      { view: { initialize: { kind: 'absent' } } },
      concludes('register-before-promotion', { kind: 'write', write: { when: [underMyLock, { kind: 'absent' }] } }),
    ],
    ['not without a guardian', { lease: { guardian: 'absent' } }, waits('lease-too-short-to-promote')],
    ['not while the lock is in doubt', { lock: doubtful() }, concludes('adopt-own-lock', { kind: 'adopt-lock' })],
    [
      'not under a lock that the latest picture does not show',
      { view: { lock: null } },
      waits('lease-too-short-to-promote'),
    ],
    [
      'nor under another of my locks',
      { view: { lock: lockOf('b') }, lock: held({ createRevision: lockOf('c').createRevision, deadline: NOW }) },
      { rule: 'adopt-own-lock' },
    ],
    [
      'S13: not when it is tagged nofailover, however it came by the lock',
      { tags: { nofailover: true }, memory: { acquired: null } },
      givenBack,
    ],
    ['CC95: not when its lease is over', { lock: lease(0) }, concludes('adopt-own-lock', { kind: 'adopt-lock' })],
  ]);
});

describe('who was behind before the lock was mine may have caught up', () => {
  table(decided, winner, [
    [
      'those that answered are asked once more',
      { peers: [peer('c', { askedAt: before })], observation: { peersAskedAt: before } },
      concludes('recheck-after-acquire', { kind: 'ask-peers', members: [C], maxAge: 200 }),
    ],
    [
      'a lock that only bore my name was won in no race: everybody is asked',
      { peers: [], observation: { peersAskedAt: before }, memory: { acquired: adopted } },
      concludes('recheck-after-acquire', { kind: 'ask-peers', members: [C] }),
    ],
    [
      'also where an operator names me: a restored store gives such a lock, and a primary may live',
      {
        view: { failover: requested({ leader: null, candidate: B }) },
        peers: [peer('c', { recovery: 'primary', position: null, askedAt: NOW })],
        memory: { acquired: adopted },
      },
      givenBack,
    ],
    [
      'W37: just started, I may have left the lead to one that does not answer: a restored store gives such a lock, too',
      foundAnew({ foundPrimary: false }),
      waits('failsafe-promised'),
    ],
    ['W37: also where no files were found yet', foundAnew({ foundPrimary: null }), waits('failsafe-promised')],
    ['but not who was the primary when its machine was started anew', foundAnew({ foundPrimary: true }), promotes],
    ['and have a moment', { peers: [peer('c', { askedAt: before })] }, waits('wait-for-peers')],
    [
      'no longer than that: silence is no vote',
      {
        peers: [peer('c', { askedAt: earlier(NOW, seconds(2)) })],
        observation: { peersAskedAt: earlier(NOW, millis(500)) },
        memory: { acquired: { createRevision: LATER_LOCK, at: earlier(NOW, seconds(1)), how: 'race' } },
      },
      promotes,
    ],
    ['a peer that is ahead now gets the lock', { peers: [peer('c', { position: ahead(1n) })] }, givenBack],
    [
      'not at once where I have followed another cluster until now: what it has comes here, too',
      { ...whileFollowed(700), peers: [further] },
      waits('recheck-after-acquire'),
    ],
    ['but when it does not come', { ...whileFollowed(1_000), peers: [further] }, givenBack],
    ['nor where nothing comes any more', { ...whileFollowed(700), server: idleStandby(), peers: [further] }, givenBack],
    ['and what has come is no reason', { ...whileFollowed(700), peers: [peer('c')] }, promotes],
    [
      'so does one on a newer timeline',
      { peers: [peer('c', { timeline: branch(4), position: behind(9n) })] },
      givenBack,
    ],
    ['so does a living primary', { peers: [peer('c', { recovery: 'primary', position: null })] }, givenBack],
    [
      'who may not lead is none of them',
      { peers: [peer('c', { position: ahead(1n), tags: { nofailover: true } })] },
      promotes,
    ],
    [
      'whose position I lost sight of is not promoted',
      { server: standbyAnswer({ receiveLsn: null, replayLsn: null }) },
      givenBack,
    ],
    [
      'whom the failsafe list leaves out asks all of them again, also whoever had no data',
      { ...leftOut, peers: [{ ...silentPeer('c', before), atRest: true }], observation: { peersAskedAt: before } },
      concludes('recheck-after-acquire', { kind: 'ask-peers', members: [C] }),
    ],
    ['and is promoted when they still are no primaries', { ...leftOut, peers: [peer('c')] }, promotes],
    ['not when one of them is silent now', { ...leftOut, peers: [silentPeer('c')] }, givenBack],
    [
      'nor when it does not know how it came by the lock',
      { ...leftOut, peers: [peer('c')], memory: { acquired: null } },
      givenBack,
    ],
    [
      'whom the list leaves out may lead, and has more: a lock that only bore my name gave it no chance (seed 31090044)',
      foundWith(peer('a'), further),
      givenBack,
    ],
    [
      'also where no PostgreSQL runs at the others',
      foundWith({ ...silentPeer('a'), atRest: true }, further),
      givenBack,
    ],
    ['not to one that has no more', foundWith(peer('a'), peer('c')), promotes],
    [
      'also where one on the list is silent: my own word is enough, as I was not started just now',
      foundWith(silentPeer('a'), further),
      givenBack,
    ],
    [
      'not where it is the last leader, and not on the list: nobody can speak for that one',
      {
        ...foundWith(silentPeer('a'), further),
        view: { failsafe: new Map([[B, 'http://b:8008/patroni']]) },
        memory: { lastHolder: { name: A, members: [], seenAt: NOW }, acquired: { ...adopted, at: before } },
      },
      promotes,
    ],
    [
      'nor after a race, before which it had its chance',
      { ...foundWith(peer('a'), further), memory: leftOut.memory },
      promotes,
    ],
    [
      'the candidate of a request is promoted without asking',
      { view: { lock: lockOf('b'), failover: requested() }, peers: [peer('c', { position: ahead(1n) })] },
      promotes,
    ],
  ]);
});

describe('a promotion that failed again and again', () => {
  const failed = (failures: number) => {
    const backoff = { until: NOW, failures, reason: 'it is still in recovery', span: millis(250) };
    return { role: 'promoted', backoffs: new Map([['promote', backoff]]) } as const;
  };
  table(decided, winner, [
    ['twice is not often', { memory: failed(2) }, promotes],
    [
      'W15: three times is: it is stopped, so that the lock can go to who could take over',
      { memory: failed(3) },
      runs('promotion-failed', { kind: 'stop', mode: 'fast' }),
    ],
    ['while nobody could it is tried on', { memory: failed(3), peers: [silentPeer('c')] }, promotes],
    [
      'and in a pause, where nobody would start it again',
      { memory: failed(3), dynamic: { pause: true }, view: { lock: lockOf('b'), failover: requested() } },
      promotes,
    ],
    [
      'who was told to promote and is outrun meanwhile is stopped: it may do so yet (seed 32014050)',
      { memory: failed(1), peers: [further] },
      runs('promotion-failed', { kind: 'stop', mode: 'fast' }),
    ],
    [
      'not in a pause',
      {
        memory: { ...failed(1), parted: { from: A, timeline: branch(3) } },
        dynamic: { pause: true },
        view: { lock: lockOf('b'), failover: requested() },
      },
      waits('outrun-after-acquire'),
    ],
    [
      'one that was refused each time was never told to promote',
      { memory: { ...failed(3), role: 'replica' } },
      promotes,
    ],
  ]);
});
