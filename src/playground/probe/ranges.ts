/** Whole numbers as runs of neighbours, in order and apart from each other: some few, however many numbers there are. */
export type Ranges = readonly Range[];

export interface Range {
  readonly from: number;
  /** Included. */
  readonly to: number;
}

/** One more, above all that are there. */
export function append(ranges: Ranges, value: number): Ranges {
  const last = ranges.at(-1);
  if (last === undefined || value > last.to + 1) return [...ranges, { from: value, to: value }];
  return [...ranges.slice(0, -1), { from: last.from, to: value }];
}

/** Those of `all` that are not in `others`. */
export function without(all: Ranges, others: Ranges): Ranges {
  return all.flatMap((range) => {
    const left: Range[] = [];
    let from = range.from;
    for (const other of others) {
      if (other.to < from || other.from > range.to) continue;
      if (other.from > from) left.push({ from, to: other.from - 1 });
      from = other.to + 1;
    }
    return from <= range.to ? [...left, { from, to: range.to }] : left;
  });
}

export function countOf(ranges: Ranges): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
