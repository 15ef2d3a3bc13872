import { describe, expect, test } from 'vitest';
import { A, B, behind, branch, C, HEAD, peer, silentPeer } from '../../test/support/observed-parts.ts';
import type { SyncKey } from '../domain/cluster-view.ts';
import { memberName, revision } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { lacksVotes } from './sync-election.ts';
import { whoWins } from './who-wins.ts';

describe('CC168: votes (spec/ha.md 3.5)', () => {
  const at = (position: number) => ({ position: behind(BigInt(1_000 - position)) });
  const votes = (me: string, position: number, sync: SyncKey, answers: readonly PeerAnswer[]): boolean =>
    lacksVotes(sync, { name: memberName(me), timeline: branch(3), ...at(position) }, { answers, former: null }) ===
    null;

  test.each<[string, boolean]>([
    ['all equal: b hears c and d', votes('b', 100, key('b,c,d', 2), [peer('c', at(100)), peer('d', at(100))])],
    ['c hears only b, of whom one is enough', votes('c', 100, key('b,c,d', 1), [peer('b', at(90))])],
    [
      'an outsider hears three',
      votes(
        'e',
        95,
        key('b,c,d', 2),
        ['b', 'c', 'd'].map((each) => peer(each, at(90))),
      ),
    ],
    [
      'b hears c and d; the former leader is ahead',
      votes('b', 100, key('b,c,d', 2), [peer('a', at(120)), peer('c', at(100)), peer('d', at(100))]),
    ],
    ['the leader itself is alone', votes('a', 120, key('b,c,d', 2), [])],
    ['one voter, no quorum', votes('b', 100, key('b'), [])],
  ])('%s: wins', (_, wins) => {
    expect(wins).toBe(true);
  });

  test.each<[string, boolean]>([
    ['b hears only c', votes('b', 100, key('b,c,d', 2), [peer('c', at(100))])],
    ['c and d are ahead of b', votes('b', 90, key('b,c,d', 1), [peer('c', at(100)), peer('d', at(100))])],
    ['an outsider hears two', votes('e', 95, key('b,c,d', 2), [peer('b', at(90)), peer('c', at(90))])],
    ['the leader, but a voter is ahead of it', votes('a', 90, key('b,c,d', 2), [peer('b', at(100))])],
    [
      'on an older timeline than a voter',
      votes('b', 100, key('b,c', 1), [peer('c', { ...at(90), timeline: branch(4) })]),
    ],
    ['its position is not known', votes('b', 100, key('b,c', 1), [peer('c', { position: null })])],
    ['it is a primary', votes('b', 100, key('b,c', 1), [peer('c', { recovery: 'primary', ...at(90) })])],
  ])('%s: loses', (_, wins) => {
    expect(wins).toBe(false);
  });

  test('who has parted from the branch that I am on has no vote: its word may have been counted for WAL that it never got', () => {
    const switches = [{ parent: branch(2), switchedAt: at(90).position, reason: '' }];
    const me = { name: B, timeline: branch(3), ...at(100), history: { of: branch(3), switches } };
    const isElected = (position: number) => {
      const answers = [peer('c', { ...at(position), timeline: branch(2) })];
      return lacksVotes(key('b,c', 1), me, { answers, former: null }) === null;
    };
    expect(isElected(90)).toBe(true);
    expect(isElected(91)).toBe(false);
  });

  test('the leader that came back after another had led needs votes like anybody', () => {
    const me = { name: A, timeline: branch(3), position: HEAD };
    expect(lacksVotes(key('b,c,d', 2), me, { answers: [], former: C })).not.toBeNull();
  });

  test('nobody waits for an equal with more priority that lacks votes: the key’s leader, which needs none, leads (seed 31778381)', () => {
    const equal = { ...at(100), timeline: branch(3) };
    const preferred = peer('c', { ...equal, tags: { failover_priority: 2 } });
    const race = (quorum: number) => {
      const me = { name: A, priority: 1, ...equal };
      const answers = [preferred, peer('b', equal), silentPeer('d')];
      return whoWins(me, answers, { former: null, key: key('b,c,d', quorum), least: null, prefers: true }).kind;
    };
    expect(race(2), 'a and b elect c').toBe('theirs');
    expect(race(3), 'd would have to').toBe('mine');
  });

  test('who has parted from my timeline has no vote for an equal on it either (seed 32136892)', () => {
    const switches = [{ parent: branch(2), switchedAt: at(90).position, reason: '' }];
    const equal = { ...at(100), timeline: branch(3) };
    const me = { name: A, priority: 1, ...equal, history: { of: branch(3), switches } };
    const race = (position: number) => {
      const answers = [
        peer('c', { ...equal, tags: { failover_priority: 2 } }),
        peer('b', { ...at(position), timeline: branch(2) }),
      ];
      return whoWins(me, answers, { former: null, key: key('b,c', 2), least: null, prefers: true }).kind;
    };
    expect(race(90), 'a and b elect c').toBe('theirs');
    expect(race(91), 'b has more where my timeline left its own').toBe('mine');
  });

  test('unless nobody went on: all others have more where its timeline left theirs, after a manual failover (seed 31637494)', () => {
    const switches = [{ parent: branch(2), switchedAt: at(90).position, reason: '' }];
    const me = { name: A, timeline: branch(3), ...at(100), history: { of: branch(3), switches } };
    const parted = { ...at(110), timeline: branch(2) };
    const isElected = (...answers: readonly PeerAnswer[]) =>
      lacksVotes(key('b,c', 1), me, { answers, former: C }) === null;
    expect(isElected(peer('b', parted), peer('c', parted))).toBe(true);
    expect(isElected(peer('b', parted)), 'c is not heard').toBe(false);
    expect(isElected(peer('b', parted), peer('c', { ...parted, timeline: branch(3) })), 'c went on').toBe(false);
    expect(isElected(peer('b', parted), peer('c', { ...parted, hasMore: true })), 'c has more').toBe(false);
    expect(isElected(peer('b', parted), peer('c', { ...parted, recovery: 'primary' })), 'c leads').toBe(false);
  });

  test('who knows that it has parted from the last leader is not ahead of that one, on a timeline of the same number (seed 31740177)', () => {
    const me = { name: A, timeline: branch(3), ...at(100) };
    const isElected = (change: Parameters<typeof peer>[1]) =>
      lacksVotes(key('b,c', 2), me, { answers: [peer('b', { ...at(110), ...change })], former: null }) === null;
    expect(isElected({})).toBe(false);
    expect(isElected({ isDiverged: true })).toBe(true);
    expect(isElected({ isDiverged: true, recovery: 'primary' })).toBe(false);
  });
});

function key(list: string, quorum = 0): SyncKey {
  return { leader: A, voters: list.split(',').map(memberName), quorum, modRevision: revision(70n) };
}
