import { describe } from 'vitest';
import { type Difference, decided, stopped } from '../../test/support/observations.ts';
import { A, branch, cleanPlace, HEAD, held, LATER_LOCK, lockOf } from '../../test/support/observed-parts.ts';
import { concludes, table } from '../../test/support/table.ts';
import type { Json } from '../domain/json.ts';
import { memberName, revision, storeKey } from '../domain/names.ts';

const CLAIM = revision(80n);
const histories = {
  kind: 'lines',
  modRevision: revision(60n),
  lines: [{ timeline: branch(2), lsn: HEAD, reason: '', at: null, leader: A }],
} as const;

describe('what another cluster has left is written over before a first commit can be acknowledged', () => {
  const clean = { initialize: { kind: 'in-progress', modRevision: CLAIM }, lock: lockOf('b'), ...cleanPlace } as const;
  const creating = (difference: Difference) =>
    stopped({
      directory: { kind: 'empty' },
      memory: { bootstrap: { kind: 'won', keyRevision: CLAIM } },
      lock: held({ createRevision: LATER_LOCK }),
      ...difference,
      view: { ...clean, ...difference.view },
    });
  const sync = { leader: memberName('a'), voters: [memberName('c')], quorum: 0, modRevision: revision(70n) };
  const underLock = { kind: 'create-revision-is', key: storeKey('leader'), revision: LATER_LOCK };
  const seen = (key: string, at: bigint) => ({ kind: 'mod-revision-is', key: storeKey(key), revision: revision(at) });
  const asSeen = seen('sync', 70n);
  const quorum = { synchronous_mode: 'quorum' };
  const writes = (key: string, action: object, when: readonly object[]) =>
    concludes('clear-before-creation', { kind: 'write', write: { key: storeKey(key), action, when } });
  const puts = (json: Json) => ({ kind: 'put', value: { kind: 'json', json } });
  const alone = { leader: 'b', quorum: 0, sync_standby: null };
  table(decided, creating, [
    [
      'in a synchronous mode nobody but the creator leads next',
      { dynamic: quorum, view: { sync } },
      writes('sync', puts(alone), [underLock, asSeen]),
    ],
    [
      'also where it led that one',
      { dynamic: quorum, view: { sync: { ...sync, leader: memberName('b') } } },
      writes('sync', puts(alone), [underLock, asSeen]),
    ],
    [
      'that said, nothing of it is left',
      { dynamic: quorum, view: { sync: { ...sync, leader: memberName('b'), voters: [] } } },
      { rule: 'create-cluster' },
    ],
    ['the mode is off: no key', { view: { sync } }, writes('sync', { kind: 'delete' }, [underLock, asSeen])],
    [
      'a cluster that follows another one has no such mode',
      { dynamic: { ...quorum, standby_cluster: { host: 'remote' } }, view: { sync } },
      writes('sync', { kind: 'delete' }, [underLock, asSeen]),
    ],
    [
      'a position, and a write that comes late takes none of the new cluster’s away',
      { view: { status: { ...cleanPlace.status, lastLsn: HEAD }, statusKeyRevision: revision(61n) } },
      writes('status', puts({}), [underLock, seen('status', 61n)]),
    ],
    [
      'a position that is told as Patroni once did',
      { view: { status: { ...cleanPlace.status, lastLsn: HEAD } } },
      writes('status', puts({}), [underLock, { kind: 'absent', key: storeKey('status') }]),
    ],
    ['a timeline', { view: { history: histories } }, writes('history', puts([]), [underLock, seen('history', 60n)])],
    [
      'a list of who may lead',
      { view: { failsafe: new Map([[A, 'http://a:8008']]), failsafeKeyRevision: revision(62n) } },
      writes('failsafe', puts({}), [underLock, seen('failsafe', 62n)]),
    ],
    [
      'what says nothing stays',
      { view: { history: { ...histories, lines: [] }, failsafe: new Map() } },
      { rule: 'create-cluster' },
    ],
    [
      'without the lock nothing is touched',
      { lock: { kind: 'not-held' }, view: { lock: null, sync } },
      { rule: 'first-lock' },
    ],
  ]);
});
