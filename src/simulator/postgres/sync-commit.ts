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

/** What pg_stat_replication says of each of these, in their order. */
export function syncStates(rule: SyncRule | null, names: readonly string[]): readonly SyncState[] {
  const priorities = names.map((name) => priorityOf(rule, name));
  const chosen = rule?.method === 'first' ? firstOf(rule, priorities) : new Set<number>();
  return priorities.map((priority, index) => {
    if (rule === null || priority === 0) return { state: 'async', priority: 0 };
    if (rule.method === 'any') return { state: 'quorum', priority: 1 };
    return { state: chosen.has(index) ? 'sync' : 'potential', priority };
  });
}

/** Up to where commits are acknowledged, by how far each standby is known to be; `-Infinity`: too few are there. */
export function syncedUpTo(
  rule: SyncRule,
  standbys: readonly { readonly name: string; readonly flushed: number }[],
): number {
  const states = syncStates(
    rule,
    standbys.map((each) => each.name),
  );
  const wanted = rule.method === 'any' ? 'quorum' : 'sync';
  const counting = standbys.flatMap(({ flushed }, index) => (states[index]?.state === wanted ? [flushed] : []));
  const furthestFirst = counting.toSorted((a, b) => b - a);
  return furthestFirst[rule.count - 1] ?? -Infinity;
}

export type SyncState = { readonly state: 'async' | 'potential' | 'sync' | 'quorum'; readonly priority: number };

/** From 1, the lower the better; 0: it is not in the list. */
function priorityOf(rule: SyncRule | null, name: string): number {
  return (rule?.names.findIndex((each) => each === '*' || each === name.toLowerCase()) ?? -1) + 1;
}

/** The best of those that are there. */
function firstOf(rule: SyncRule, priorities: readonly number[]): ReadonlySet<number> {
  const listed = [...priorities.entries()].filter(([, priority]) => priority > 0);
  const best = listed.toSorted(([, a], [, b]) => a - b).slice(0, rule.count);
  return new Set(best.map(([index]) => index));
}
