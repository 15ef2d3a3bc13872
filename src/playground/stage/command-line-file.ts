import { stringify } from 'yaml';
import { scope } from './node-file.ts';

/** A configuration for `matriarch list` and its like: straight to the store, which no cut concerns. */
export function commandLineFile(storePort: number): string {
  return stringify({ scope, etcd3: { hosts: `127.0.0.1:${storePort}`, use_proxies: true } });
}
