import { describe, expect, test } from 'vitest';
import { behind } from '../../test/support/observed-parts.ts';
import { both, inMode, type Parts, sender } from '../../test/support/sync-situation.ts';
import type { JsonObject } from '../domain/json.ts';
import { activeStandbys } from './sync-standbys.ts';

describe('which standbys count', () => {
  const chosen = (change: Parts): readonly string[] => {
    const { o } = inMode({ senders: both(), ...change });
    if (o.store.kind !== 'settled') throw new Error('the fixture has a view');
    return activeStandbys(o, o.store.view).map((each) => each.member.name);
  };
  const tagged = (name: string, tags: JsonObject): Parts => ({ members: { [name]: { tags } } });

  test.each<[string, Parts, string[]]>([
    [
      'CC134: who is one already comes first',
      { senders: [sender('b', 'sync', behind(500n)), sender('c')] },
      ['b', 'c'],
    ],
    ['among others the furthest', { senders: [sender('b', 'async', behind(500n)), sender('c')] }, ['c', 'b']],
    [
      'CC137: one that lags too far does not',
      { dynamic: { maximum_lag_on_syncnode: 100 }, senders: [sender('b', 'sync', behind(101n)), sender('c')] },
      ['c'],
    ],
    [
      'alone, it is compared with me',
      { dynamic: { maximum_lag_on_syncnode: 100 }, senders: [sender('b', 'sync', behind(101n))] },
      [],
    ],
    ['CC138: sync_priority comes before all', tagged('c', { sync_priority: 5 }), ['c', 'b']],
    ['CC135: nosync does not', tagged('b', { nosync: true }), ['c']],
    ['T-19: nosync decides beside a priority', tagged('b', { nosync: true, sync_priority: 9 }), ['c']],
    ['a priority of zero says the same', tagged('b', { sync_priority: 0 }), ['c']],
    ['who may never lead comes last', tagged('b', { nofailover: true }), ['c', 'b']],
    ['with a quorum only where others are missing', { mode: 'quorum', ...tagged('b', { nofailover: true }) }, ['c']],
    ['who should follow another standby does not', tagged('c', { replicatefrom: 'b' }), ['b']],
    ['unless that one is away', { ...tagged('c', { replicatefrom: 'b' }), senders: [sender('c')] }, ['c']],
    [
      'of those that name each other in a circle the first follows me',
      { members: { b: { tags: { replicatefrom: 'c' } }, c: { tags: { replicatefrom: 'b' } } } },
      ['b'],
    ],
    ['who is about to stop does not', { members: { b: { state: 'stopping' } } }, ['c']],
    ['a stranger does not', { senders: [sender('x'), sender('b')] }, ['b']],
  ])('%s', (_, change, expected) => {
    expect(chosen(change)).toEqual(expected);
  });
});
