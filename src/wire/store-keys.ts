import type { MemberName, StoreKey } from '../domain/names.ts';

/**
 * The prefix of one cluster's keys, ending in `/` so that `shop` never swallows `shop2`.
 * @param where as configured: slashes around or inside `namespace` do not matter (`//a//b/` is `/a/b/`).
 * @see spec/dcs.md 1.1
 */
export function clusterPrefix(where: { readonly namespace: string; readonly scope: string }): string {
  return `/${where.namespace}/${where.scope}/`.replace(/\/+/g, '/');
}

/**
 * Whose member key this is. Exactly one level below `members/` counts; deeper keys belong to nobody (C-06).
 * @returns `null` when it is no member key.
 */
export function memberOfKey(key: StoreKey): MemberName | null {
  const match = /^members\/([^/]+)$/s.exec(key);
  return match?.[1] === undefined ? null : (match[1] as MemberName);
}
