import type { ClusterView, SyncKey } from '../domain/cluster-view.ts';
import { derived } from '../domain/derived.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Memory, SyncMemory } from '../domain/memory.ts';
import { type Revision, storeKey } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { asSeen, type StoreCondition, type StoreWrite } from '../domain/store-write.ts';
import { parseSyncNames, type SyncNames, sameName, sortedNames } from '../domain/sync-names.ts';
import type { Electors } from './sync-overlap.ts';

/** Names are compared without case, so all are spelled as the members are before they are reasoned about. */
export function electorsOf(key: SyncKey | null, view: ClusterView): Electors | null {
  if (key === null) return null;
  const leader = spelled(key.leader, view);
  const voters = key.voters.map((each) => spelled(each, view)).filter((each) => each !== leader);
  return { leader, voters: new Set(voters), quorum: key.quorum };
}

export function namesOf(inForce: NamesInForce, view: ClusterView): SyncNames | null {
  const names = parsed(inForce);
  return names === null ? null : { ...names, names: names.names.map((each) => spelled(each, view)) };
}

type NamesInForce = NonNullable<SyncMemory['inForce']>;

const parsed = derived(({ text }: NamesInForce) => parseSyncNames(text));

function spelled(name: string, view: ClusterView): string {
  return view.members.find((each) => sameName(each.name, name))?.name ?? name;
}

/** A write of the key that was not answered, or the first one, or one of this agent's life before, may still come. */
export function isKeyInDoubt({ sync }: Memory, view: ClusterView): boolean {
  return view.syncKeyRevision === null || sync.keySettled !== view.syncKeyRevision;
}

/** The key's next value, or its end, over what was seen, and only while the lock of this creation is mine. */
export function keyWrite(next: Electors | null, view: ClusterView, lock: Revision): StoreWrite {
  const key = storeKey('sync');
  const underLock: StoreCondition = { kind: 'create-revision-is', key: storeKey('leader'), revision: lock };
  const action: StoreWrite['action'] =
    next === null ? { kind: 'delete' } : { kind: 'put', value: { kind: 'json', json: keyJson(next) }, lease: null };
  return { key, action, when: [underLock, asSeen(key, view.syncKeyRevision)] };
}

function keyJson({ leader, voters, quorum }: Electors): JsonObject {
  const names = sortedNames(voters);
  return { leader, quorum, sync_standby: names.length === 0 ? null : names.join(',') };
}

/** The mode, as far as it asks for something. */
export function modeOf(o: Pick<Observation, 'dynamic'>): 'on' | 'quorum' | null {
  return o.dynamic.synchronousMode === 'off' ? null : o.dynamic.synchronousMode;
}
