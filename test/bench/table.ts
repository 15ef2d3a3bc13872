/** Figures as people compare them: one row per line, columns aligned. */
export function table(lines: readonly Line[]): string {
  const header = ['agent', 'ttl', 'what', 'median', 'all', 'limit', 'late', 'lost'];
  const rows = lines.map((line) => [
    line.agent,
    String(line.ttl),
    line.name,
    seconds(median(line.seconds)),
    line.seconds.map(seconds).join(' '),
    `${seconds(line.limitS)}${median(line.seconds) <= line.limitS ? '' : ' !'}`,
    line.late === null ? '' : String(line.late),
    line.lost === null ? '' : String(line.lost),
  ]);
  return columns([header, ...rows]);
}

/** Texts below each other, each column as wide as its longest. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The middle one, or the mean of the two in the middle. @throws when there is none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('the median of nothing');
  return (lower + upper) / 2;
}

export interface Line {
  readonly agent: string;
  readonly ttl: number;
  readonly name: string;
  /** One figure per round. */
  readonly seconds: readonly number[];
  /** What we allow our own median. */
  readonly limitS: number;
  /** Writes acknowledged by an old primary after the new one's first; `null`: does not apply. */
  readonly late: number | null;
  /** Acknowledged and gone; `null`: does not apply. */
  readonly lost: number | null;
}

function seconds(value: number): string {
  return value.toFixed(2);
}
