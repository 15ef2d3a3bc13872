/** A derivation that is done anew only when something that it is made from is another than last time. */
export function reusing<Source extends Fields, Result>(make: (source: Source) => Result): (source: Source) => Result {
  let last: { readonly source: Source; readonly result: Result } | null = null;
  return (source) => {
    if (last === null || !sameFields(last.source, source)) last = { source, result: make(source) };
    return last.result;
  };
}

/** The same for lists: items whose sources are as they were, in the same place, are the same objects. */
export function reusingItems<Source extends Fields, Item>(
  make: (source: Source) => Item,
): (sources: readonly Source[]) => readonly Item[] {
  let last: readonly Made<Source, Item>[] = [];
  let items: readonly Item[] = [];
  return (sources) => {
    const before = last;
    const isReused = (source: Source, index: number): boolean => {
      const known = before[index];
      return known !== undefined && sameFields(known.source, source);
    };
    if (sources.length === before.length && sources.every(isReused)) return items;
    last = sources.map((source, index) => {
      const known = before[index];
      return known !== undefined && sameFields(known.source, source) ? known : { source, item: make(source) };
    });
    items = last.map(({ item }) => item);
    return items;
  };
}

/** Compared by identity, one by one. */
type Fields = Readonly<Record<string, unknown>>;

type Made<Source, Item> = { readonly source: Source; readonly item: Item };

/** Of two records of one type: they have the same fields. Optimised code of a `for in` here is given up again and again. */
function sameFields(a: Fields, b: Fields): boolean {
  for (const name of Object.keys(a)) if (a[name] !== b[name]) return false;
  return true;
}
