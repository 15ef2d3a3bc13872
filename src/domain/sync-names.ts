/** `synchronous_standby_names`: a commit waits for `count` of `names`; `first`: for the first of them that are attached. */
export type SyncNames = {
  readonly method: 'first' | 'any';
  readonly count: number;
  /** Sorted, each once; compared without case, as PostgreSQL does. */
  readonly names: readonly string[];
};

/** In strict mode commits wait for this name while nobody else can be waited for; no member may have it. */
export const NOBODY = '__patroni_strict_sync_replica_placeholder__';

/** @returns `null`: nobody is waited for, or the text is none that PostgreSQL takes. `*` is read as `NOBODY`: to be replaced. */
export function parseSyncNames(text: string): SyncNames | null {
  const counted = /^\s*(?:(first|any)\s+)?(\d+)\s*\((.*)\)\s*$/is.exec(text);
  const names = namesIn(counted?.[3] ?? text);
  if (names === null || names.length === 0) return null;
  const method = counted?.[1]?.toLowerCase() === 'any' ? 'any' : 'first';
  const count = Number(counted?.[2] ?? 1);
  return count < 1 ? null : { method, count, names: sortedNames(names.map((each) => (each === '*' ? NOBODY : each))) };
}

/** As Patroni writes it: one name plainly, several as `2 (b,c)`, a quorum as `ANY 1 (b,c)` (spec/ha.md 3.1). */
export function formatSyncNames(wanted: SyncNames | null): string {
  if (wanted === null || wanted.names.length === 0 || wanted.count < 1) return '';
  const list = sortedNames(wanted.names).map(quoted).join(',');
  if (wanted.method === 'any') return `ANY ${String(wanted.count)} (${list})`;
  return wanted.names.length === 1 ? list : `${String(wanted.count)} (${list})`;
}

/** By code point. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Names in the key and in the list are compared without case (spec/ha.md 0.1). */
export function sameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

function namesIn(list: string): readonly string[] | null {
  const names: string[] = [];
  for (const part of list.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^\s,"]+))\s*(?:,|$)|\s*$|(.)/gs)) {
    const [whole, inQuotes, plain, stray] = part;
    if (stray !== undefined) return null;
    if (whole === '') continue;
    const name = inQuotes?.replaceAll('""', '"') ?? plain;
    if (name !== undefined) names.push(name);
  }
  return names;
}

function quoted(name: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z_0-9$]*$/.test(name) && !/^(first|any)$/i.test(name);
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}
