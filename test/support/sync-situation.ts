import { SYNC_NAMES } from '../../src/decide/desired-postgres.ts';
import { noSyncMemory } from '../../src/decide/remember-sync.ts';
import type { SyncKey } from '../../src/domain/cluster-view.ts';
import type { Lsn } from '../../src/domain/lsn.ts';
import type { SyncMemory } from '../../src/domain/memory.ts';
import { memberName, revision } from '../../src/domain/names.ts';
import type { WalSender } from '../../src/domain/postgres-report.ts';
import { earlier, millis, seconds } from '../../src/domain/time.ts';
import { type Difference, leader, type Situation } from './observations.ts';
import { HEAD, NOW, primaryAnswer } from './observed-parts.ts';

export const KEY_REVISION = revision(70n);

export type Parts = Omit<Difference, 'server'> & {
  readonly mode?: 'quorum';
  readonly key?: SyncKey | null;
  /** In force. */
  readonly text?: string;
  readonly mark?: Lsn;
  readonly written?: string;
  readonly writtenAgo?: number;
  readonly senders?: readonly WalSender[];
  readonly keySettled?: null;
  readonly isCheckpointerBusy?: true;
};

/** `a` leads, `synchronous_mode` is on and active, and `b` streams from it. */
export function inMode(parts: Parts): Situation {
  const {
    mode,
    key = voters(''),
    text = '',
    mark = HEAD,
    written: wrote,
    writtenAgo = 0,
    senders = [sender('b')],
    keySettled = KEY_REVISION,
    isCheckpointerBusy,
    ...rest
  } = parts;
  const sync: SyncMemory = {
    ...noSyncMemory,
    keySettled,
    inForce: { text, since: earlier(NOW, seconds(5)), mark, isHeeded: true },
    written: wrote === undefined ? null : { text: wrote, at: earlier(NOW, millis(writtenAgo)) },
  };
  const server = primaryAnswer({
    walSenders: senders,
    ...(text === '' ? {} : { syncNames: text }),
    ...(isCheckpointerBusy && { isCheckpointerBusy }),
  });
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

export function voters(list: string, by = 'a'): SyncKey {
  const names = list.split(',').filter((each) => each !== '');
  return { leader: memberName(by), voters: names.map(memberName), quorum: 0, modRevision: KEY_REVISION };
}

export function sender(name: string, syncState = 'async', flushLsn = HEAD): WalSender {
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

export function both(): readonly WalSender[] {
  return [sender('b', 'sync'), sender('c')];
}
