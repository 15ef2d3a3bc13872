import { describe, expect, test } from 'vitest';
import {
  candidate,
  type Difference,
  decided,
  leader,
  member,
  type Situation,
} from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  C,
  idleStandby,
  LOCK,
  lockOf,
  NOW,
  peer,
  requested,
  silentPeer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { runs, table, waits } from '../../test/support/table.ts';
import type { SyncKey } from '../domain/cluster-view.ts';
import { memberName, revision } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { noSyncMemory } from './remember-sync.ts';

describe('in mode on only the members of the sync key campaign', () => {
  const on = (difference: Difference): Situation => racing({ synchronous_mode: true }, difference);
  table(decided, on, [
    ['a voter does', { view: { sync: key('b') } }, { rule: 'campaign' }],
    ['an asynchronous standby does not', { view: { sync: key('c') } }, waits('may-not-campaign')],
    ['C-11: without a key nothing is restricted', {}, { rule: 'campaign' }],
    [
      'W19: a key that vanished binds',
      { memory: { sync: { ...noSyncMemory, lastKey: key('c') } } },
      waits('may-not-campaign'),
    ],
    [
      'W12: a voter has everything, however much was written beyond',
      { view: { sync: key('b'), status: farAhead } },
      { rule: 'campaign' },
    ],
    [
      'who is ahead and no voter does not matter',
      { view: { sync: key('b') }, peers: [peer('c', { position: ahead(9n) })] },
      { rule: 'campaign' },
    ],
    [
      'a voter that is ahead does',
      { view: { sync: key('b,c') }, peers: [peer('c', { position: ahead(9n) })] },
      waits('defer-to-peer'),
    ],
    [
      'a primary counts whoever it is',
      { view: { sync: key('b') }, peers: [peer('c', { recovery: 'primary', position: null })] },
      waits('defer-to-peer'),
    ],
    [
      'CC87: a switchover does not lead past the key',
      { view: { sync: key('c'), failover: requested({ leader: A, candidate: B }) } },
      waits('may-not-campaign'),
    ],
    [
      'CC88: a manual failover does',
      { view: { sync: key('c'), failover: requested({ leader: null, candidate: B }) } },
      { rule: 'campaign' },
    ],
    [
      'a former quorum still asks for votes',
      { view: { sync: key('b,c', 1) }, peers: [silentPeer('c')] },
      waits('votes-missing'),
    ],
  ]);
});

describe('with a quorum who has the votes campaigns', () => {
  const quorum = (difference: Difference): Situation => racing({ synchronous_mode: 'quorum' }, difference);
  table(decided, quorum, [
    ['one vote of one', { view: { sync: key('b,c', 1) } }, { rule: 'campaign' }],
    ['silence is none', { view: { sync: key('b,c', 1) }, peers: [silentPeer('c')] }, waits('votes-missing')],
    [
      'an answer from a look of before the lock went is none',
      { view: { sync: key('b,c', 1) }, peers: [peer('c', { lookedAgo: millis(3_951) })] },
      waits('votes-missing'),
    ],
    [
      'one that took long, and was begun since then, is',
      { view: { sync: key('b,c', 1) }, peers: [peer('c', { lookedAgo: millis(3_950) })] },
      { rule: 'campaign' },
    ],
    [
      'a position that is only a part of what lies there is none',
      { view: { sync: key('b,c', 1) }, peers: [peer('c', { position: behind(9n), hasMore: true })] },
      waits('votes-missing'),
    ],
    [
      'CC169, W38: who may never lead testifies',
      { view: { sync: key('b,c', 1) }, peers: [peer('c', { tags: { nofailover: true } })] },
      { rule: 'campaign' },
    ],
    [
      'a switchover’s candidate needs them, too',
      { view: { sync: key('b,c', 1), failover: requested({ leader: A, candidate: B }) }, peers: [silentPeer('c')] },
      waits('votes-missing'),
    ],
    [
      'a manual failover’s does not',
      { view: { sync: key('b,c', 1), failover: requested({ leader: null, candidate: B }) }, peers: [silentPeer('c')] },
      { rule: 'campaign' },
    ],
    ['who is not in the key needs one more', { view: { sync: key('c') } }, { rule: 'campaign' }],
    [
      'and received something: its timeline may else be its own, of the same number (seed 31021974)',
      { view: { sync: key('c') }, server: idleStandby({ receiveLsn: null }) },
      waits('may-not-campaign'),
    ],
    [
      'nor does it know what it is on, where the number is not known',
      { view: { sync: key('c') }, server: idleStandby({ receiveLsn: null, timeline: null }) },
      waits('may-not-campaign'),
    ],
    [
      'there is one first timeline',
      {
        view: { sync: key('c'), history: { kind: 'lines', lines: [], modRevision: revision(71n) } },
        server: idleStandby({ receiveLsn: null, timeline: branch(1) }),
        peers: [peer('c', { timeline: branch(1) })],
      },
      { rule: 'campaign' },
    ],
    [
      'without a quorum who is in the key has everything',
      { view: { sync: key('b,c') }, server: idleStandby({ receiveLsn: null }) },
      { rule: 'campaign' },
    ],
    [
      'and an operator may name anybody',
      {
        view: { sync: key('c'), failover: requested({ leader: null, candidate: B }) },
        server: idleStandby({ receiveLsn: null }),
      },
      { rule: 'campaign' },
    ],
  ]);

  test('W8: a primary without the lock takes it only as the key’s leader', () => {
    const lost = { lock: { kind: 'not-held' }, view: { lock: null } } as const;
    const dynamic = { synchronous_mode: 'quorum' };
    const of = (by: string): Situation =>
      leader({
        ...lost,
        dynamic,
        view: { ...lost.view, sync: key('a,c', 1, by) },
        members: { b: null },
        peers: [peer('c')],
        observation: { peersAskedAt: NOW },
        memory: { unlockedSince: earlier(NOW, seconds(1)), unprovenSince: NOW },
      });
    expect(decided(of('b')).rule).toBe('primary-not-entitled');
    expect(decided(of('a')).rule).not.toBe('primary-not-entitled');
  });
});

describe('a switchover in a synchronous mode', () => {
  const asked = (
    dynamic: object,
    sync: SyncKey,
    request: Parameters<typeof requested>[0],
    peers: readonly PeerAnswer[],
  ) =>
    leader({
      dynamic: { ...dynamic },
      view: { sync, failover: requested(request), lock: lockOf('a', LOCK) },
      peers,
      observation: { peersAskedAt: earlier(NOW, millis(10)) },
    });
  const [on, quorum] = [{ synchronous_mode: true }, { synchronous_mode: 'quorum' }];
  const accepted = runs('switchover-accepted', { kind: 'stop' });
  const refused = { rule: 'switchover-refused' };
  const all = [peer('b'), peer('c')];

  table(decided, (situation: Situation) => situation, [
    ['CC122: to an asynchronous standby it is refused', asked(on, key('b'), { leader: A, candidate: C }, all), refused],
    ['to a synchronous one it is accepted', asked(on, key('b'), { leader: A, candidate: B }, all), accepted],
    ['CC123: a manual failover leads to any', asked(on, key('b'), { leader: null, candidate: C }, all), accepted],
    [
      'CC124: a quorum that cannot be reached',
      asked(quorum, key('b,c', 1), { leader: A, candidate: null }, [peer('b'), silentPeer('c')]),
      refused,
    ],
    [
      'CC124: unless that voter is named',
      asked(quorum, key('b,c', 1), { leader: A, candidate: B }, [peer('b'), silentPeer('c')]),
      accepted,
    ],
  ]);
});

/** `b` races for a lock that is free; `c` has just answered. */
describe('who led by the key, where another one held the lock since, and is silent', () => {
  const after = (change: object, at = 90n) => {
    const holder = { ...member('c', 3), ...change };
    const lastHolder = { name: C, members: [holder], seenAt: NOW, revision: revision(at) };
    return { view: { sync: key('c', 1, 'b') }, peers: [silentPeer('c')], memory: { lastHolder } };
  };
  table(decided, (difference: Difference) => racing({ synchronous_mode: 'quorum' }, difference), [
    ['needs no votes: the key would name that one, had it been promoted', after({}), { rule: 'campaign' }],
    ['Patroni promotes before it writes the key', after({ agent: 'foreign' }), waits('votes-missing')],
    ['it was a primary, perhaps by hand', after({ role: 'primary' }), waits('votes-missing')],
    ['the key may be from before: the store went back', after({}, 101n), waits('votes-missing')],
    ['it wrote the key', { ...after({}), view: { sync: key('b', 1, 'c') } }, waits('votes-missing')],
  ]);
});

function racing(dynamic: Record<string, boolean | string>, difference: Difference): Situation {
  return candidate({
    ...difference,
    dynamic,
    server: difference.server ?? standbyAnswer(),
    memory: { unlockedSince: earlier(NOW, seconds(4)), yielded: null, ...difference.memory },
    observation: { peersAskedAt: earlier(NOW, millis(50)), now: later(NOW, millis(0)) },
  });
}

function key(list: string, quorum = 0, by = 'a'): SyncKey {
  return { leader: memberName(by), voters: list.split(',').map(memberName), quorum, modRevision: revision(70n) };
}

const farAhead = { lastLsn: ahead(99_000_000n), slots: new Map(), retainSlots: [] };
