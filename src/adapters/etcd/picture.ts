import { type Revision, revision, type StoreKey } from '../../domain/names.ts';
import type { StoredPair } from '../../ports/store.ts';
import { storedPair } from './pairs.ts';
import { type Event, Event_EventType, type RangeResponse } from './rpc.generated.ts';

/** All pairs below the prefix at one revision. */
export type Picture = { readonly revision: Revision; readonly pairs: ReadonlyMap<StoreKey, StoredPair> };

export function pictureOf(read: RangeResponse, prefix: string): Picture {
  const pairs = read.kvs.map((pair) => storedPair(pair, prefix));
  return {
    revision: revision(read.header?.revision ?? 0n),
    pairs: new Map(pairs.map((pair) => [pair.key, pair])),
  };
}

/** The picture after `events`. What it already shows is passed over; with nothing new it is the same object. */
export function afterEvents(picture: Picture, events: readonly Event[], prefix: string): Picture {
  const pairs = new Map(picture.pairs);
  let newest = picture.revision;
  for (const { type, kv } of events) {
    if (kv === undefined || kv.modRevision <= picture.revision) continue;
    const pair = storedPair(kv, prefix);
    if (type === Event_EventType.DELETE) pairs.delete(pair.key);
    else pairs.set(pair.key, pair);
    if (pair.modRevision > newest) newest = pair.modRevision;
  }
  return newest === picture.revision ? picture : { revision: newest, pairs };
}

/** Do both show the same writes? (Values need no look: each write has its own revision.) */
export function showSameWrites(a: Picture, b: Picture): boolean {
  return (
    a.pairs.size === b.pairs.size &&
    [...a.pairs.values()].every((pair) => b.pairs.get(pair.key)?.modRevision === pair.modRevision)
  );
}

/** In the order of keys, whatever order they were written in. */
export function sortedPairs(picture: Picture): readonly StoredPair[] {
  return [...picture.pairs.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
