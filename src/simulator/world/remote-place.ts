import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { slotName } from '../../domain/names.ts';
import { isTruthy } from '../../domain/tags.ts';
import { parseJson } from '../../wire/json.ts';
import type { Place } from './network.ts';

/** Where the other cluster's primary is. */
export const REMOTE: Place = 'remote';

/** The slot there that is kept for the cluster that follows it. */
export const REMOTE_SLOT = slotName('follower');

/** `standby_cluster`, as configured in a cluster that follows it. */
export function remoteSection({ remoteSlot }: { readonly remoteSlot: boolean }): JsonObject {
  return { host: REMOTE, port: 5432, ...(remoteSlot && { primary_slot_name: REMOTE_SLOT }) };
}

/** Does this value of the `config` key say that the cluster follows another one? */
export function saysStandbyCluster(value: string | null): boolean {
  const parsed = value === null ? null : parseJson(value);
  if (parsed?.kind !== 'parsed' || !isJsonObject(parsed.json)) return false;
  const section = parsed.json['standby_cluster'];
  return isJsonObject(section) && isTruthy(section['host']);
}
