/** The same names with the same values, in whatever order; no map is like no map only. */
export function isSameMap<V>(a: ReadonlyMap<string, V> | null, b: ReadonlyMap<string, V> | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}
