import { column, type Line, type Style, span, wrap } from './line.ts';

/** Something that happened, as it stands in a list. */
export interface EventRow {
  /** As wide as that of all others. */
  readonly when: string;
  readonly who: string;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'ours';
}

/** The last events that fit, oldest first. `whoWidth` counts a blank behind the name. */
export function eventRows(
  events: readonly EventRow[],
  { columns, rows, whoWidth }: { readonly columns: number; readonly rows: number; readonly whoWidth: number },
): readonly Line[] {
  const lines: Line[] = [];
  for (const event of events.toReversed()) {
    const own = rowsOf(event, { columns, whoWidth });
    if (lines.length + own.length > rows) break;
    lines.unshift(...own);
  }
  return lines;
}

function rowsOf(
  { when, who, text, tone }: EventRow,
  { columns, whoWidth }: { readonly columns: number; readonly whoWidth: number },
): readonly Line[] {
  const name = column(who, whoWidth);
  const head = `${when}  ${name} `;
  const [first = '', ...more] = wrap(text, { columns: Math.max(10, columns - head.length), lines: ROWS_PER_EVENT });
  const style = styles[tone];
  return [
    [span(`${when}  `, 'dim'), span(`${name} `), span(first, style)],
    ...more.map((each): Line => [span(' '.repeat(head.length)), span(each, style)]),
  ];
}

const ROWS_PER_EVENT = 2;

const styles: Readonly<Record<EventRow['tone'], Style>> = { plain: 'plain', good: 'good', bad: 'bad', ours: 'ours' };
