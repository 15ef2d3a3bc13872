import { leaseId, revision, storeKey } from '../../domain/names.ts';
import type { StoredPair } from '../../ports/store.ts';
import type { KeyValue } from './rpc.generated.ts';

/** A pair as etcd holds it, its key without the cluster's prefix. What is not UTF-8 is shown with U+FFFD, never refused. */
export function storedPair(pair: KeyValue, prefix: string): StoredPair {
  return {
    key: storeKey(pair.key.toString('utf8').slice(prefix.length)),
    value: pair.value.toString('utf8'),
    lease: pair.lease === 0n ? null : leaseId(pair.lease.toString()),
    createRevision: revision(pair.createRevision),
    modRevision: revision(pair.modRevision),
  };
}

/** etcd's way to say "everything that begins with": up to the prefix with its last byte plus one. */
export function prefixRange(prefix: string): { readonly key: Buffer; readonly rangeEnd: Buffer } {
  const key = Buffer.from(prefix);
  const rangeEnd = Buffer.from(key);
  // The prefix ends in `/`, so that its last byte can always grow.
  rangeEnd.writeUInt8(rangeEnd.readUInt8(rangeEnd.length - 1) + 1, rangeEnd.length - 1);
  return { key, rangeEnd };
}

/** One key alone. */
export function singleKey(key: string): { readonly key: Buffer; readonly rangeEnd: Buffer } {
  return { key: Buffer.from(key), rangeEnd: Buffer.alloc(0) };
}
