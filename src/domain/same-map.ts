/** The same names with the same values, in whatever order; no map is like no map only. */
export function isSameMap<V>(a: ReadonlyMap<string, V> | null, b: ReadonlyMap<string, V> | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  if (a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name) !== value) return false;
  return true;
}
