import { z } from 'zod';
import type { StoreOnHosts } from './store-on-hosts.ts';

/** Every key below `prefix`, by its name without the prefix, as `etcdctl get --prefix` shows it. */
export async function storedKeys(store: StoreOnHosts, prefix: string): Promise<ReadonlyMap<string, StoredKey>> {
  const text = await store.ctl('get', '--prefix', prefix, '--write-out=json');
  // Leases are 64 bit wide: they stay text until they are bigint.
  const { kvs } = Answer.parse(JSON.parse(text.replaceAll(/"lease":(\d+)/g, '"lease":"$1"')));
  return new Map(
    kvs.map(({ key, value, lease }) => [
      decoded(key).slice(prefix.length),
      { value: decoded(value), lease: BigInt(lease) },
    ]),
  );
}

export interface StoredKey {
  readonly value: string;
  /** 0: none. */
  readonly lease: bigint;
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

const Answer = z.object({
  kvs: z
    .array(z.object({ key: z.string(), value: z.string().default(''), lease: z.string().default('0') }))
    .default([]),
});
