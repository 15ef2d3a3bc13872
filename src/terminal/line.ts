/** One line of the screen: pieces of text, each in one style. */
export type Line = readonly Span[];

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** What a piece of text means; how that looks is the terminal's affair. */
export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'ours';

export function span(text: string, style: Style = 'plain'): Span {
  return { text: printable(text), style };
}

/** Never wider than `columns`; what is cut off is shown to be. */
export function fit(line: Line, columns: number): Line {
  const spans: Span[] = [];
  let left = columns;
  for (const { text, style } of line) {
    if (text.length <= left) {
      spans.push({ text, style });
      left -= text.length;
      continue;
    }
    if (left > 0) spans.push({ text: cut(text, left), style });
    break;
  }
  return spans;
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** `text` as exactly so many columns. */
export function column(text: string, columns: number): string {
  return cut(printable(text), columns - 1).padEnd(columns);
}

/** At blanks, in at most `lines` lines; the last says if there is more. */
export function wrap(
  text: string,
  { columns, lines }: { readonly columns: number; readonly lines: number },
): readonly string[] {
  const rest = printable(text).trim();
  if (rest.length <= columns || lines <= 1) return [cut(rest, columns)];
  const blank = rest.lastIndexOf(' ', columns);
  const end = blank > columns / 2 ? blank : columns;
  return [rest.slice(0, end), ...wrap(rest.slice(end), { columns, lines: lines - 1 })];
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}~`;
}

/** What comes from a log may hold anything; a character that is not one column wide would break the line. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
