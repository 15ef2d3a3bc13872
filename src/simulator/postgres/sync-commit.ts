/**
 * `synchronous_standby_names` as PostgreSQL itself reads it. Who writes it, and who may lead because of it, is not the
 * model's affair.
 */
export type SyncRule = { readonly method: 'first' | 'any'; readonly count: number; readonly names: readonly string[] };

/** @returns `null`: nobody is waited for. A plain list waits for the first of it. */
export function parseSyncRule(text: string): SyncRule | null {
  const counted = /^\s*(?:(first|any)\s+)?(\d+)\s*\(([^)]*)\)\s*$/i.exec(text);
  const names = (counted?.[3] ?? text)
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    )
    .filter((name) => name !== '');
  if (names.length === 0) return null;
  const method = counted?.[1]?.toLowerCase() === 'any' ? 'any' : 'first';
  return { method, count: Number(counted?.[2] ?? 1), names };
}

/** What pg_stat_replication says of each of these, in their order. Nobody waits for one that has not caught up yet. */
export function syncStates(
  rule: SyncRule | null,
  standbys: readonly { readonly name: string; readonly hasCaughtUp: boolean }[],
): readonly SyncState[] {
  if (rule === null) return standbys.map(() => ASYNC);
  const listed = standbys.map(({ name }) => priorityOf(rule, name));
  const priorities = listed.map((priority, index) => (standbys[index]?.hasCaughtUp === true ? priority : 0));
  return priorities.map((priority, index) => {
    const own = listed[index] ?? 0;
    if (own === 0) return ASYNC;
    if (priority === 0) return { state: 'potential', priority: own };
    if (rule.method === 'any') return QUORUM;
    return { state: betterThan(priorities, index) < rule.count ? 'sync' : 'potential', priority };
  });
}

/** Up to where commits are acknowledged, by how far each standby is known to be; `-Infinity`: too few are there. */
export function syncedUpTo(
  rule: SyncRule,
  standbys: readonly { readonly name: string; readonly flushed: number; readonly hasCaughtUp: boolean }[],
): number {
  const states = syncStates(rule, standbys);
  const wanted = rule.method === 'any' ? 'quorum' : 'sync';
  const counting = standbys.filter((_, index) => states[index]?.state === wanted);
  const furthestFirst = counting.toSorted((a, b) => b.flushed - a.flushed);
  return furthestFirst[rule.count - 1]?.flushed ?? -Infinity;
}

export type SyncState = { readonly state: 'async' | 'potential' | 'sync' | 'quorum'; readonly priority: number };

/** Nobody waits for it. */
export const ASYNC: SyncState = { state: 'async', priority: 0 };
const QUORUM: SyncState = { state: 'quorum', priority: 1 };

/** From 1, the lower the better; 0: it is not in the list. */
function priorityOf(rule: SyncRule, name: string): number {
  const listed = name.toLowerCase();
  return rule.names.findIndex((each) => each === '*' || each === listed) + 1;
}

/** How many of those in the list come before this one: of equals, the first that is there. */
function betterThan(priorities: readonly number[], index: number): number {
  const own = priorities[index] ?? 0;
  return priorities.filter((each, at) => each > 0 && (each < own || (each === own && at < index))).length;
}
