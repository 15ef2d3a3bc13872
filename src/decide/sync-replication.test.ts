import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica, type Situation, winner } from '../../test/support/observations.ts';
import {
  ahead,
  behind,
  HEAD,
  idleStandby,
  LATER_LOCK,
  LOCK,
  NOW,
  primaryAnswer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import type { SyncKey } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { SyncMemory } from '../domain/memory.ts';
import { memberName, revision, storeKey } from '../domain/names.ts';
import type { WalSender } from '../domain/postgres-report.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { SYNC_NAMES } from './desired-postgres.ts';
import { noSyncMemory, rememberKey, rememberNames } from './remember-sync.ts';
import { activeStandbys } from './sync-standbys.ts';

describe('a leader in a synchronous mode', () => {
  table(decided, inMode, [
    [
      'C-44, CC132: the mode is new: the key names the leader alone',
      { key: null },
      writes('{"leader":"a","quorum":0,"sync_standby":null}'),
    ],
    ['then commits wait for a standby that streams', { key: voters('') }, names('b')],
    ['a set that is whole is left alone', { key: voters('b'), text: 'b' }, { rule: 'lead' }],
    [
      'CC143: names are compared without case',
      { key: voters('B'), text: '"B"', senders: [sender('B', 'sync')] },
      { rule: 'lead' },
    ],
    ['an unproven standby enters no key', { key: voters(''), text: 'b', mark: ahead(1n) }, { rule: 'lead' }],
    ['a proven one does', { key: voters(''), text: 'b' }, writes('{"leader":"a","quorum":0,"sync_standby":"b"}')],
    ['names that were just written are waited for', { key: voters(''), written: 'b' }, { rule: 'lead' }],
    [
      'and written again when they do not come into force',
      { key: voters(''), written: 'b', writtenAgo: 1_500 },
      names('b'),
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
    ['who is about to stop does not', { members: { b: { state: 'stopping' } } }, ['c']],
    ['a stranger does not', { senders: [sender('x'), sender('b')] }, ['b']],
  ])('%s', (_, change, expected) => {
    expect(chosen(change)).toEqual(expected);
  });
});

describe('before a promotion', () => {
  table(decided, promoting, [
    [
      'CC140: the key names who may lead after me',
      {},
      { rule: 'sync-key-before-promotion', ...writes('{"leader":"b","quorum":0,"sync_standby":null}') },
    ],
    [
      'then commits will wait for whoever attaches',
      { view: { sync: voters('', 'b') } },
      {
        rule: 'sync-names-before-promotion',
        action: { kind: 'reconfigure', desired: { parameters: { [SYNC_NAMES]: 'c' } } },
      },
    ],
    [
      'which PostgreSQL has to show',
      { view: { sync: voters('', 'b') }, memory: { sync: written('c') } },
      waits('sync-names-before-promotion'),
    ],
    [
      'then it is promoted',
      { view: { sync: voters('', 'b') }, server: standbyAnswer({ syncNames: 'c' }) },
      { rule: 'promote' },
    ],
    [
      'the mode is off: a former key goes first',
      { dynamic: { synchronous_mode: false } },
      concludes('sync-key-before-promotion', { kind: 'write' }),
    ],
  ]);

  test('CC98: a key that was changed meanwhile is not written over', () => {
    expect(decided(promoting({})).action).toMatchObject({
      write: {
        when: [
          { kind: 'create-revision-is', key: storeKey('leader'), revision: LATER_LOCK },
          { kind: 'mod-revision-is', key: storeKey('sync'), revision: revision(70n) },
        ],
      },
    });
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
  const lost = { dynamic, server: idleStandby(), peers: [] };
  const reloads = concludes('wake-receiver', { kind: 'reconfigure' });
  const woken = (ago: number): Partial<Situation['m']> => ({ receiverWokenAt: earlier(NOW, millis(ago)) });
  table(decided, replica, [
    ['the leader’s key says so', lost, reloads],
    ['and again after a second', { ...lost, memory: woken(1_000) }, reloads],
    ['not all the time', { ...lost, memory: woken(999) }, concludes('ask-leader-history', { kind: 'ask-history' })],
    [
      'not while it is down',
      { ...lost, members: { a: { state: 'crashed' } } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'not where nobody waits for it',
      { ...lost, dynamic: {} },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
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
    expect(fresh.inForce).toEqual({ text: 'b', since: NOW, mark: null });
    const since = earlier(NOW, millis(100));
    const sync = { ...noSyncMemory, inForce: { text: 'b', since, mark: null } };
    expect(looked({ text: 'b', memory: { sync } }).inForce).toEqual({ text: 'b', since, mark: HEAD });
    expect(looked({ text: 'c', memory: { sync } }).inForce).toEqual({ text: 'c', since: NOW, mark: null });
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
    expect(rememberKey(before.m, before.o).lastKey).toEqual(voters('b'));
    const off = inMode({ key: null, dynamic: { synchronous_mode: false }, memory: before.m });
    expect(rememberKey(off.m, off.o).lastKey).toBeNull();
  });
});

type Parts = Omit<Difference, 'server'> & {
  readonly mode?: 'quorum';
  readonly key?: SyncKey | null;
  /** In force. */
  readonly text?: string;
  readonly mark?: Lsn;
  readonly written?: string;
  readonly writtenAgo?: number;
  readonly senders?: readonly WalSender[];
};

/** `a` leads, `synchronous_mode` is on and active, and `b` streams from it. */
function inMode(parts: Parts): Situation {
  const {
    mode,
    key = voters(''),
    text = '',
    mark = HEAD,
    written: wrote,
    writtenAgo = 0,
    senders = [sender('b')],
    ...rest
  } = parts;
  const sync: SyncMemory = {
    ...noSyncMemory,
    inForce: { text, since: earlier(NOW, seconds(5)), mark },
    written: wrote === undefined ? null : { text: wrote, at: earlier(NOW, millis(writtenAgo)) },
  };
  const server = primaryAnswer({ walSenders: senders, ...(text === '' ? {} : { syncNames: text }) });
  const applied = {
    ...leader().m.applied,
    parameters: { ...leader().m.applied?.parameters, [SYNC_NAMES]: wrote ?? text },
  };
  return leader({
    ...rest,
    server,
    dynamic: { synchronous_mode: mode ?? true, ...rest.dynamic },
    view: { sync: key, ...rest.view },
    memory: { sync, applied: { hba: null, ident: null, standby: null, ...applied }, ...rest.memory },
  });
}

function promoting(difference: Difference): Situation {
  return winner({
    ...difference,
    dynamic: { synchronous_mode: true, ...difference.dynamic },
    view: { sync: voters('b'), ...difference.view },
  });
}

function written(text: string): SyncMemory {
  return { ...noSyncMemory, written: { text, at: NOW } };
}

function voters(list: string, by = 'a'): SyncKey {
  const names = list.split(',').filter((each) => each !== '');
  return { leader: memberName(by), voters: names.map(memberName), quorum: 0, modRevision: revision(70n) };
}

function sender(name: string, syncState = 'async', flushLsn = HEAD): WalSender {
  return {
    pid: 1,
    user: 'replicator',
    applicationName: name,
    clientAddress: null,
    state: 'streaming',
    syncState,
    syncPriority: 0,
    writeLsn: flushLsn,
    flushLsn,
    replayLsn: flushLsn,
  };
}

function both(): readonly WalSender[] {
  return [sender('b', 'sync'), sender('c')];
}

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
