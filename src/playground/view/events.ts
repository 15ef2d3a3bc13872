import type { EventLine } from '../model/event-line.ts';
import type { Model } from '../model/model.ts';
import { type Line, type Style, span, wrap } from './line.ts';

/** The last events that fit, oldest first, with the time since the beginning. */
export function eventRows(
  model: Model,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly Line[] {
  const lines: Line[] = [];
  for (const event of model.events.toReversed()) {
    const own = rowsOf(event, { wallStartedAt: model.wallStartedAt, columns });
    if (lines.length + own.length > rows) break;
    lines.unshift(...own);
  }
  return lines;
}

function rowsOf(
  { wallAt, who, text, tone }: EventLine,
  { wallStartedAt, columns }: { readonly wallStartedAt: number; readonly columns: number },
): readonly Line[] {
  const since = ((wallAt - wallStartedAt) / 1000).toFixed(2).padStart(8);
  const head = `${since}  ${who.padEnd(5)}  `;
  const [first = '', ...more] = wrap(text, { columns: Math.max(10, columns - head.length), lines: ROWS_PER_EVENT });
  const style = styles[tone];
  return [
    [span(`${since}  `, 'dim'), span(`${who.padEnd(5)}  `), span(first, style)],
    ...more.map((each): Line => [span(' '.repeat(head.length)), span(each, style)]),
  ];
}

const ROWS_PER_EVENT = 2;

const styles: Readonly<Record<EventLine['tone'], Style>> = { plain: 'plain', good: 'good', bad: 'bad', ours: 'ours' };
