import { describe, expect, test } from 'vitest';
import { type Difference, leader, type Situation } from '../../test/support/observations.ts';
import { behind, HEAD, NOW, primaryAnswer } from '../../test/support/observed-parts.ts';
import type { SyncKey } from '../domain/cluster-view.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { SyncMemory } from '../domain/memory.ts';
import { memberName, revision } from '../domain/names.ts';
import type { WalSender } from '../domain/postgres-report.ts';
import { earlier, millis, seconds } from '../domain/time.ts';
import { SYNC_NAMES } from './desired-postgres.ts';
import { noSyncMemory } from './remember-sync.ts';
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
    ['who is about to stop does not', { members: { b: { state: 'stopping' } } }, ['c']],
    ['a stranger does not', { senders: [sender('x'), sender('b')] }, ['b']],
  ])('%s', (_, change, expected) => {
    expect(chosen(change)).toEqual(expected);
  });
});

const KEY_REVISION = revision(70n);

type Parts = Omit<Difference, 'server'> & {
  readonly mode?: 'quorum';
  readonly key?: SyncKey | null;
  /** In force. */
  readonly text?: string;
  readonly mark?: Lsn;
  readonly written?: string;
  readonly writtenAgo?: number;
  readonly senders?: readonly WalSender[];
  readonly keySettled?: null;
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
    keySettled = KEY_REVISION,
    ...rest
  } = parts;
  const sync: SyncMemory = {
    ...noSyncMemory,
    keySettled,
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

function voters(list: string, by = 'a'): SyncKey {
  const names = list.split(',').filter((each) => each !== '');
  return { leader: memberName(by), voters: names.map(memberName), quorum: 0, modRevision: KEY_REVISION };
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
