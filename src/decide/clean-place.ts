import type { ClusterView } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Json } from '../domain/json.ts';
import { type Revision, storeKey } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { synchronousModeInForce } from '../domain/standby-cluster.ts';
import { asSeen, type StoreWrite } from '../domain/store-write.ts';
import { conclude } from './conclude.ts';
import { keyWrite } from './sync-pair.ts';

/**
 * Whoever creates a cluster begins with a clean place. An abandoned creation has left keys that tell of other data, or a
 * cluster has whose `initialize` a person removed, and the new one would be elected by them: a sync key proves that its
 * members have everything, a position, a timeline or a list of another cluster's keeps everybody from leading this one.
 * Its first commit can come as soon as it is created, and a fault before the leader's first upkeep, so they go before.
 * Under my lock nobody else writes them. `config` and `failover` are what people want, and stay.
 * @returns one write after the other; `null`: nothing is left.
 */
export function cleanPlace(o: Observation, lock: Revision): Decision | null {
  const view = latestView(o);
  const write = view === null ? null : (syncKey(o, view, lock) ?? emptied(view, lock));
  return write === null ? null : conclude('clear-before-creation', { kind: 'write', write }, { key: write.key });
}

/** In a synchronous mode nobody but me leads next: without a key whoever remembers the old one would go by that (W19). */
function syncKey(o: Observation, view: ClusterView, lock: Revision): StoreWrite | null {
  const { sync } = view;
  if (sync === null) return null;
  if (synchronousModeInForce(o.dynamic) === 'off') return keyWrite(null, view, lock);
  const me = o.config.name;
  if (sync.leader === me && sync.voters.length === 0 && sync.quorum === 0) return null;
  return keyWrite({ leader: me, voters: new Set(), quorum: 0 }, view, lock);
}

/** Written over rather than deleted: without `status` the key that Patroni had before it would count. */
function emptied(view: ClusterView, lock: Revision): StoreWrite | null {
  const { status, statusKeyRevision, history, failsafe, failsafeKeyRevision } = view;
  if (status.lastLsn !== null || status.slots.size > 0 || status.retainSlots.length > 0)
    return put('status', {}, lock, statusKeyRevision ?? null);
  if (history.kind === 'lines' && history.lines.length > 0) return put('history', [], lock, history.modRevision);
  return failsafe !== null && failsafe.size > 0 ? put('failsafe', {}, lock, failsafeKeyRevision ?? null) : null;
}

/** @param seen its revision; `null`: the key is not there. What comes late takes nothing of the new cluster's away. */
function put(name: 'status' | 'history' | 'failsafe', json: Json, lock: Revision, seen: Revision | null): StoreWrite {
  const key = storeKey(name);
  const action = { kind: 'put', value: { kind: 'json', json }, lease: null } as const;
  const underLock = { kind: 'create-revision-is', key: storeKey('leader'), revision: lock } as const;
  return { key, action, when: [underLock, asSeen(key, seen)] };
}
