import { describe } from 'vitest';
import { candidate, decided, leader, replica } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  behind,
  branch,
  C,
  HEAD,
  JUST_ASKED,
  lockOf,
  NOW,
  peer,
  primaryAnswer,
  requested,
  silentPeer,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Member } from '../domain/cluster-view.ts';
import { memberName } from '../domain/names.ts';
import { earlier, millis, seconds } from '../domain/time.ts';

const acquires = { kind: 'acquire-lock' } as const;
const neverAsked = { peersAskedAt: null };
const fromRemote = { from: memberName('remote_member:10.9.0.1:5433'), timeline: branch(3) };
const longAgo = earlier(NOW, seconds(60));
const preferred = { peers: [peer('c', { tags: { failover_priority: 2 } })] };

describe('nobody leads', () => {
  table(decided, candidate, [
    ['CC68: nobody that answered is better: take the lock', {}, concludes('campaign', acquires)],
    [
      'first everybody is asked, all at once',
      { peers: [], observation: neverAsked },
      concludes('ask-peers', { kind: 'ask-peers', members: [C] }),
    ],
    [
      'also by whom only their word lets lead, as nobody has the data of a source that is followed no more',
      { peers: [], observation: neverAsked, memory: { parted: fromRemote } },
      concludes('ask-peers', { kind: 'ask-peers', members: [C] }),
    ],
    [
      'one of them has it, or does not say',
      { peers: [silentPeer('c')], memory: { parted: fromRemote } },
      waits('may-not-campaign'),
    ],
    ['those who were asked have a moment to answer', { peers: [] }, waits('wait-for-peers')],
    [
      'but no longer than that: silence is no vote',
      { peers: [], observation: { peersAskedAt: earlier(NOW, millis(500)) }, memory: { unlockedSince: longAgo } },
      concludes('campaign', acquires),
    ],
    ['one that does not answer is not waited for', { peers: [silentPeer('c')] }, concludes('campaign', acquires)],
    [
      'CC67: a peer that is ahead gets its chance',
      { peers: [peer('c', { position: ahead(1n) })] },
      waits('defer-to-peer'),
    ],
    [
      'an equal with more priority goes first, too',
      { ...preferred, memory: { unlockedSince: earlier(NOW, millis(9_900)) } },
      waits('defer-to-peer'),
    ],
    [
      'not for ever, since its priority is worth no day without a leader (seed 32136892)',
      { ...preferred, memory: { unlockedSince: earlier(NOW, millis(10_000)) } },
      concludes('campaign', acquires),
    ],
    [
      'if it does not use it, everybody is asked once more',
      {
        peers: [peer('c', { position: ahead(1n), askedAt: earlier(NOW, millis(700)) })],
        observation: { peersAskedAt: earlier(NOW, millis(700)) },
        memory: { unlockedSince: longAgo },
      },
      concludes('ask-peers', { kind: 'ask-peers', members: [C] }),
    ],
    [
      'an answer from the time of the last leader does not count: it is asked again',
      {
        peers: [peer('c', { askedAt: earlier(NOW, millis(400)) })],
        observation: { peersAskedAt: earlier(NOW, millis(400)) },
      },
      concludes('ask-peers', { kind: 'ask-peers', members: [C] }),
    ],
    [
      'a lock that I gave away is nobody’s',
      { view: { lock: lockOf('b') }, memory: { released: lockOf('b').createRevision } },
      concludes('campaign', acquires),
    ],
    ['no race on a picture that is not the last', { store: 'unsettled' }, waits('own-writes-unsettled')],
    [
      'alone in the world: take the lock at once',
      { members: { a: null, c: null }, peers: [], observation: neverAsked, memory: { lastHolder: null } },
      concludes('campaign', acquires),
    ],
  ]);
});

describe('the former leader', () => {
  const keyIsThere = { members: { a: {} } };
  const isPrimary = { recovery: 'primary', position: null } as const;
  table(decided, candidate, [
    [
      'is not waited for when its key went with its lease: its guardian has fenced it',
      {},
      concludes('campaign', acquires),
    ],
    [
      'is asked when its key is still there: the lock was deleted by hand, or released',
      { ...keyIsThere, peers: [], observation: neverAsked },
      concludes('ask-peers', { kind: 'ask-peers', members: [A, C] }),
    ],
    ['is waited for then', keyIsThere, waits('wait-for-peers')],
    ...silentFormerLeader(),
    [
      'CC56: is left its chance to take the lock again while it is a primary',
      { ...keyIsThere, peers: [peer('c'), peer('a', isPrimary)] },
      waits('defer-to-peer'),
    ],
    [
      'is no primary any more because it was one when it was last asked',
      { peers: [peer('c'), peer('a', { ...isPrimary, askedAt: longAgo })] },
      concludes('campaign', acquires),
    ],
    [
      'of another kind has no guardian: it is waited for',
      {
        memory: { lastHolder: { name: A, seenAt: NOW, members: [foreignLeader()] } },
        peers: [],
        observation: neverAsked,
      },
      concludes('ask-peers', { kind: 'ask-peers', members: [C, A] }),
    ],
  ]);
});

describe('a request in the race', () => {
  const toMe = { lock: null, failover: requested() };
  const toC = { lock: null, failover: requested({ candidate: C }) };
  table(decided, candidate, [
    [
      'its candidate takes the lock without asking',
      { view: toMe, peers: [], observation: neverAsked },
      concludes('campaign', acquires),
    ],
    ['CC85: anybody else leaves the candidate its chance', { view: toC }, waits('defer-to-peer')],
    [
      'CC85: also one that lags, or is on an older timeline',
      { view: toC, peers: [peer('c', { timeline: branch(2), position: behind(1_048_577n) })] },
      waits('defer-to-peer'),
    ],
    [
      'for a while',
      { view: toC, memory: { unlockedSince: earlier(NOW, seconds(3)) } },
      concludes('campaign', acquires),
    ],
    [
      'CC86: a candidate that does not answer has none',
      { view: toC, peers: [silentPeer('c')] },
      concludes('campaign', acquires),
    ],
    [
      'the member that it leads away from is no rival',
      {
        view: { lock: null, failover: requested({ candidate: null }) },
        members: { a: {} },
        peers: [peer('c'), peer('a', { position: ahead(9n) })],
      },
      concludes('campaign', acquires),
    ],
    [
      'seed 9110289: unless somebody has led since: then it is one like the others',
      {
        view: { lock: null, failover: requested({ leader: C, candidate: null }) },
        peers: [peer('c', { position: ahead(9n) })],
      },
      waits('defer-to-peer'),
    ],
  ]);
});

describe('a primary without a lock', () => {
  const unlocked = { lock: null } as const;
  const answers = { peers: [peer('b', { position: behind(1n) }), peer('c', { position: HEAD })] };
  const without = { view: unlocked, lock: { kind: 'not-held' } as const, observation: { peersAskedAt: JUST_ASKED } };
  const asked = { ...without, ...answers, memory: { unlockedSince: earlier(NOW, millis(300)), acquired: null } };
  table(decided, leader, [
    ['CC54: takes it when no peer contradicts', asked, concludes('reclaim-as-primary', acquires)],
    [
      'CC79: also on the first timeline of a cluster that has no history, where only the peers can tell',
      {
        ...asked,
        server: primaryAnswer({ timeline: branch(1) }),
        view: { ...unlocked, history: { kind: 'unusable', modRevision: null } },
        peers: [peer('b', { timeline: branch(1), position: behind(1n) }), silentPeer('c')],
      },
      concludes('reclaim-as-primary', acquires),
    ],
    [
      'asks first, as everybody does',
      { ...asked, peers: [], observation: neverAsked },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    [
      'stops when another primary lives',
      { ...asked, peers: [peer('b', { recovery: 'primary', position: null }), peer('c')] },
      runs('primary-not-entitled', { kind: 'stop', mode: 'fast' }),
    ],
    [
      'CC78: stops when the cluster has gone on to a newer timeline',
      { ...asked, server: primaryAnswer({ timeline: branch(2) }) },
      runs('primary-not-entitled', { kind: 'stop' }),
    ],
    [
      'stops when it is tagged nofailover',
      { ...asked, tags: { nofailover: true } },
      runs('primary-not-entitled', { kind: 'stop' }),
    ],
    [
      'leaves a lock alone that it cannot see to be free',
      { ...asked, store: 'unsettled' },
      waits('own-writes-unsettled'),
    ],
  ]);
});

function foreignLeader(): Member {
  const a = replica().m.lastHolder?.members.find((each) => each.name === A);
  if (a === undefined) throw new Error('the fixture remembers its leader');
  return { ...a, agent: 'foreign' };
}

/** It is asked, does not answer, and a moment later it would have been somebody else's turn. */
function silentFormerLeader() {
  const peers = [peer('c'), silentPeer('a')];
  const waited = waits('wait-for-former-leader');
  const after = (span: number) => ({ unlockedSince: earlier(NOW, seconds(span)) });
  return [
    ['that is silent may acknowledge writes until its lease would be over', { members: { a: {} }, peers }, waited],
    ['also while its PostgreSQL starts again', { members: { a: { state: 'starting' } }, peers }, waited],
    [
      'which is as long as the ttl under which it held the lock, though that was shortened since',
      { members: { a: {} }, peers, memory: { ...after(29), longestTtl: seconds(30) }, dynamic: { ttl: 5 } },
      waited,
    ],
    ['no longer than that', { members: { a: {} }, peers, memory: after(30) }, concludes('campaign', acquires)],
    [
      'whose key says that its PostgreSQL is down has released the lock',
      { members: { a: { state: 'stopped' } }, peers },
      concludes('campaign', acquires),
    ],
    [
      'which says that it was demoted does not write',
      { members: { a: { role: 'demoted', state: 'stopping' } }, peers },
      concludes('campaign', acquires),
    ],
    [
      'from which a switchover leads away has released it, too',
      { members: { a: {} }, peers, view: { lock: null, failover: requested({ candidate: null }) } },
      concludes('campaign', acquires),
    ],
    [
      'of another kind says too little in its key: silence is no vote',
      { members: { a: { agent: 'foreign' } }, peers },
      concludes('campaign', acquires),
    ],
  ] as const;
}
