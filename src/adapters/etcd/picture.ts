import { type Revision, revision, type StoreKey } from '../../domain/names.ts';
import type { StoredPair } from '../../ports/store.ts';
import { storedPair } from './pairs.ts';
import { type Event, Event_EventType, type KeyValue, type RangeResponse } from './rpc.generated.ts';

/** All pairs below the prefix at one revision. */
export type Picture = {
  /** Of the cluster that it was read from; `0n`: it does not say (some proxies). */
  readonly clusterId: bigint;
  readonly revision: Revision;
  readonly pairs: ReadonlyMap<StoreKey, StoredPair>;
};

export function pictureOf(read: RangeResponse, prefix: string): Picture {
  const pairs = read.kvs.map((pair) => storedPair(pair, prefix));
  return {
    clusterId: read.header?.clusterId ?? 0n,
    revision: revision(read.header?.revision ?? 0n),
    pairs: new Map(pairs.map((pair) => [pair.key, pair])),
  };
}

/**
 * The pictures after `events`, one for each revision: what came and went within one batch must not go unseen. Revisions
 * that `picture` already shows are passed over.
 */
export function afterEvents(picture: Picture, events: readonly Event[], prefix: string): readonly Picture[] {
  const pictures: Picture[] = [];
  for (const [at, changes] of byRevision(events)) {
    if (at <= picture.revision) continue;
    const pairs = new Map((pictures.at(-1) ?? picture).pairs);
    for (const { type, kv } of changes) {
      const pair = storedPair(kv, prefix);
      if (type === Event_EventType.DELETE) pairs.delete(pair.key);
      else pairs.set(pair.key, pair);
    }
    pictures.push({ clusterId: picture.clusterId, revision: revision(at), pairs });
  }
  return pictures;
}

/** Do both show the same writes? (Values need no look: each write has its own revision.) */
export function showSameWrites(a: Picture, b: Picture): boolean {
  return (
    !areOtherClusters(a.clusterId, b.clusterId) &&
    a.pairs.size === b.pairs.size &&
    [...a.pairs.values()].every((pair) => b.pairs.get(pair.key)?.modRevision === pair.modRevision)
  );
}

/** Are these ids of two clusters? `0n` may be any (a proxy's). */
export function areOtherClusters(clusterId: bigint, other: bigint): boolean {
  return clusterId !== 0n && other !== 0n && clusterId !== other;
}

/** In the order of keys, whatever order they were written in. */
export function sortedPairs(picture: Picture): readonly StoredPair[] {
  return [...picture.pairs.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

type Change = { readonly type: Event['type']; readonly kv: KeyValue };

/** etcd sends events in the order of their revisions; those of one transaction share one. */
function byRevision(events: readonly Event[]): ReadonlyMap<bigint, readonly Change[]> {
  const changes = events.flatMap(({ type, kv }) => (kv === undefined ? [] : [{ type, kv }]));
  return Map.groupBy(changes, ({ kv }) => kv.modRevision);
}
