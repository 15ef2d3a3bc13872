import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica, type Situation } from '../../test/support/observations.ts';
import {
  ahead,
  anyFiles,
  HEAD,
  history,
  idleStandby,
  LOCK,
  NOW,
  primaryAnswer,
} from '../../test/support/observed-parts.ts';
import { both, inMode, type Parts, sender, voters } from '../../test/support/sync-situation.ts';
import { concludes, stays, table, waits } from '../../test/support/table.ts';
import type { Decision } from '../domain/decision.ts';
import type { JsonObject } from '../domain/json.ts';
import type { SyncMemory } from '../domain/memory.ts';
import { revision, storeKey } from '../domain/names.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { SYNC_NAMES, withSyncNames } from './desired-postgres.ts';
import { namesAreWritten, noSyncMemory, rememberKey, rememberNames } from './remember-sync.ts';

describe('a leader in a synchronous mode', () => {
  table(decided, inMode, [
    [
      'C-44, CC132: the mode is new: the key names the leader alone',
      { key: null },
      writes('{"leader":"a","quorum":0,"sync_standby":null}'),
    ],
    ['then commits wait for a standby that streams', { key: voters('') }, names('b')],
    [
      'unless a write of the key may come late: then it is written once more as it is, which that one would find changed',
      { key: voters(''), keySettled: null },
      writes('{"leader":"a","quorum":0,"sync_standby":null}'),
    ],
    ['a set that is whole is left alone', { key: voters('b'), text: 'b' }, { rule: 'lead' }],
    [
      'CC143: names are compared without case',
      { key: voters('B'), text: '"B"', senders: [sender('B', 'sync')] },
      { rule: 'lead' },
    ],
    ['an unproven standby enters no key', { key: voters(''), text: 'b', mark: ahead(1n) }, { rule: 'lead' }],
    ['a proven one does', { key: voters(''), text: 'b' }, writes('{"leader":"a","quorum":0,"sync_standby":"b"}')],
    [
      'nor does one whose broken connection lingers: it says itself that it streams from nobody, and may have other data',
      { key: voters(''), text: 'b', members: { b: { replicationState: null } } },
      { rule: 'lead' },
    ],
    [
      'others do not always tell',
      { key: voters(''), text: 'b', members: { b: { agent: 'foreign', replicationState: null } } },
      writes('{"leader":"a","quorum":0,"sync_standby":"b"}'),
    ],
    ['names that were just written are waited for', { key: voters(''), written: 'b' }, { rule: 'lead' }],
    [
      'and written again when they do not come into force',
      { key: voters(''), written: 'b', writtenAgo: 1_500 },
      names('b'),
    ],
    [
      'before the key changes, what is in force takes their place: they might come late, and not fit it',
      {
        dynamic: { synchronous_node_count: 2 },
        key: voters('b'),
        text: '2 (b,c)',
        senders: both(),
        written: 'b',
        writtenAgo: 1_500,
      },
      names('2 (b,c)'),
    ],
    [
      'which every process has read before it does',
      {
        dynamic: { synchronous_node_count: 2 },
        key: voters('b'),
        text: '2 (b,c)',
        senders: both(),
        written: '2 (b,c)',
        writtenAgo: 99,
      },
      { rule: 'lead' },
    ],
    [
      'and then it does',
      {
        dynamic: { synchronous_node_count: 2 },
        key: voters('b'),
        text: '2 (b,c)',
        senders: both(),
        written: '2 (b,c)',
        writtenAgo: 100,
      },
      writes('{"leader":"a","quorum":0,"sync_standby":"b,c"}'),
    ],
    ['a view without my lock says nothing', { key: null, view: { lock: null } }, { rule: 'lead' }],
    [
      'CC152: with a quorum all that stream vote',
      { mode: 'quorum', key: voters('b'), text: 'ANY 1 (b)', senders: both() },
      writes('{"leader":"a","quorum":1,"sync_standby":"b,c"}'),
    ],
    ['a pause changes nothing of it', { dynamic: { pause: true }, key: voters('') }, names('b')],
  ]);

  test('C-45: the key is written over what was seen, and under my lock only', () => {
    const { action } = decided(inMode({ key: voters(''), text: 'b' }));
    expect(action).toMatchObject({
      write: {
        when: [
          { kind: 'create-revision-is', key: storeKey('leader'), revision: LOCK },
          { kind: 'mod-revision-is', key: storeKey('sync'), revision: revision(70n) },
        ],
      },
    });
  });

  test('CC167: once the mode is off and the key is gone, the names are the user’s again', () => {
    const dynamic = { postgresql: { parameters: { [SYNC_NAMES]: 'mine' } } };
    expect(namesWritten(decided(leader({ dynamic, memory: { applied: null } })))).toBe('mine');
    const still = { dynamic: { ...dynamic }, view: { sync: voters('b') }, server: primaryAnswer({ syncNames: 'b' }) };
    expect(namesWritten(decided(leader({ ...still, memory: { applied: null } })))).toBe('b');
  });
});

describe('CC131: a standby that commits wait for is let go before it stops', () => {
  const dynamic = { synchronous_mode: true };
  table(decided, (difference: Difference) => replica({ dynamic, memory: { leaving: NOW }, ...difference }), [
    ['while the key names it', { view: { sync: voters('b') } }, waits('leaving-sync-set')],
    [
      'not longer than two loops',
      { view: { sync: voters('b') }, memory: { leaving: earlier(NOW, seconds(20)) } },
      { rule: 'leaving-stop' },
    ],
    ['nor when it is not named', { view: { sync: voters('c') } }, { rule: 'leaving-stop' }],
  ]);
});

describe('a standby that commits wait for connects at once when its leader is back', () => {
  const dynamic = { synchronous_mode: true };
  const unasked = { dynamic, server: idleStandby(), peers: [] };
  const lost = { ...unasked, observation: { leaderHistory: history() } };
  const asks = concludes('ask-leader-history', { kind: 'ask-history' });
  const reloads = concludes('wake-receiver', { kind: 'reconfigure' });
  const woken = (ago: number): Partial<Situation['m']> => ({ receiverWokenAt: earlier(NOW, millis(ago)) });
  table(decided, replica, [
    ['the leader’s key says so', lost, reloads],
    ['and again after a second', { ...lost, memory: woken(1_000) }, reloads],
    ['where looks take long that is always: first its leader is asked whether it fits', unasked, asks],
    ['not all the time', { ...lost, memory: woken(999) }, stays('follow')],
    ['not while it is down', { ...lost, members: { a: { state: 'crashed' } } }, stays('follow')],
    ['not where nobody waits for it', { ...lost, dynamic: {} }, stays('follow')],
    ['not while it streams', { dynamic }, { rule: 'follow' }],
  ]);
});

describe('what is remembered', () => {
  const looked = (change: Parts & { readonly role?: 'unknown' }): SyncMemory => {
    const { o, m } = inMode(change);
    return rememberNames({ ...m, role: change.role ?? m.role }, o);
  };

  test('the mark is taken when every process has read the names', () => {
    const fresh = looked({ text: 'b', memory: { sync: noSyncMemory } });
    expect(fresh.inForce).toEqual({ text: 'b', since: NOW, mark: null, isHeeded: false });
    const since = earlier(NOW, millis(100));
    const sync = { ...noSyncMemory, inForce: { text: 'b', since, mark: null, isHeeded: false } };
    expect(looked({ text: 'b', memory: { sync } }).inForce).toEqual({ text: 'b', since, mark: HEAD, isHeeded: true });
    expect(looked({ text: 'c', memory: { sync } }).inForce).toMatchObject({ text: 'c', since: NOW, mark: null });
  });

  test('of the first names, not before the checkpointer was seen to wait: commits wait for nobody until then', () => {
    const inForce = { text: 'b', since: earlier(NOW, seconds(5)), mark: null, isHeeded: false };
    const busy = (change: Partial<typeof inForce> = {}) => {
      const { o, m } = inMode({ text: 'b', isCheckpointerBusy: true });
      return rememberNames({ ...m, sync: { ...m.sync, inForce: { ...inForce, ...change } } }, o).inForce;
    };
    expect(busy()).toEqual(inForce);
    expect(busy({ isHeeded: true })).toMatchObject({ mark: HEAD });
    expect(busy({ text: 'c' })).toMatchObject({ mark: null, isHeeded: false });
    expect(busy({ text: 'c', isHeeded: true })).toMatchObject({ mark: null, isHeeded: true });
    expect(busy({ text: '', isHeeded: true })).toMatchObject({ mark: null, isHeeded: false });
  });

  test('also where names were taken away and set again, and no look came in between', () => {
    const { o, m } = inMode({ text: 'b' });
    const none = namesAreWritten(m.sync, o, withSyncNames(anyFiles, ''));
    expect(none).toMatchObject({ written: { text: '', at: NOW }, inForce: { text: 'b', mark: null, isHeeded: false } });
    expect(rememberNames({ ...m, sync: none }, o).inForce).toEqual(none.inForce);
    const started = { ...none, written: { text: '', at: earlier(NOW, seconds(6)) } };
    expect(rememberNames({ ...m, sync: started }, o).inForce, 'a server that was started with them').toMatchObject({
      isHeeded: true,
    });
    expect(namesAreWritten(m.sync, o, withSyncNames(anyFiles, 'c')).inForce).toEqual(m.sync.inForce);
    const again = inMode({ text: 'c', isCheckpointerBusy: true });
    expect(rememberNames({ ...m, sync: none }, again.o).inForce).toMatchObject({ text: 'c', isHeeded: false });
  });

  test('who becomes a primary waits for the known, who finds one does not', () => {
    expect(looked({ memory: { sync: noSyncMemory } }).reattachUntil).toBe(later(NOW, seconds(10)));
    expect(looked({ memory: { sync: noSyncMemory }, role: 'unknown' }).reattachUntil).toBeNull();
  });

  test('how long commits waited for nobody', () => {
    const open = looked({ memory: { sync: { ...noSyncMemory, unprotectedSince: earlier(NOW, millis(700)) } } });
    expect(open).toMatchObject({ unprotectedSince: earlier(NOW, millis(700)), unprotectedFor: null });
    const closed = looked({ text: 'b', memory: { sync: open } });
    expect(closed).toMatchObject({ unprotectedSince: null, unprotectedFor: 700 });
  });

  test('W19: the key binds though somebody deleted it, as long as the mode is on', () => {
    const before = inMode({ key: null, memory: { sync: { ...noSyncMemory, lastKey: voters('b') } } });
    const kept = rememberKey(before.m, before.o, true);
    expect(kept.lastKey).toEqual(voters('b'));
    expect(rememberKey({ ...before.m, sync: kept }, before.o, false).lastKey).toEqual(voters('b'));
    const off = inMode({ key: null, dynamic: { synchronous_mode: false }, memory: before.m });
    expect(rememberKey(off.m, off.o, true).lastKey).toBeNull();
  });

  test('pictures were missed, and the configuration has changed: the mode may have been off, and the key with it', () => {
    const { m, o } = inMode({ key: null, memory: { sync: { ...noSyncMemory, lastKey: voters('b') } } });
    expect(rememberKey(m, o, false).lastKey).toBeNull();
  });
});

function names(text: string) {
  return concludes('sync-names', { kind: 'reconfigure', desired: { parameters: { [SYNC_NAMES]: text } } });
}

function writes(json: string) {
  return {
    action: {
      kind: 'write',
      write: { key: storeKey('sync'), action: { value: { json: JSON.parse(json) as JsonObject } } },
    },
  };
}

function namesWritten({ action }: Decision): string | null {
  return action.kind === 'reconfigure' ? (action.desired.parameters[SYNC_NAMES] ?? null) : null;
}
