import { displayWidth } from './display-width.ts';

export type TableColumn = { readonly header: string; readonly align: 'left' | 'right' };

/**
 * A table of `+`, `-` and `|`. Cells may have several lines; then rules stand between all rows. The title overwrites the
 * top rule from its second character on and never its last (spec/ctl.md 6.1). Ends with a line break.
 */
export function renderTable(table: {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}): string {
  const { title, columns, rows } = table;
  const widths = columns.map((column, index) => widthOf([column.header, ...rows.map((row) => row[index] ?? '')]));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const lines = (cells: readonly string[]): readonly string[] => rowLines(cells, { columns, widths });
  const hasLineBreaks = rows.some((row) => row.some((cell) => cell.includes('\n')));
  const body = rows.flatMap((row, index) => (hasLineBreaks && index > 0 ? [rule, ...lines(row)] : lines(row)));
  const header = lines(columns.map((column) => column.header));
  return `${[titled(rule, title), ...header, rule, ...body, rule].join('\n')}\n`;
}

function widthOf(cells: readonly string[]): number {
  // Not `Math.max` of all: a query may have more rows than a call may have arguments.
  return cells.flatMap((cell) => cell.split('\n')).reduce((widest, line) => Math.max(widest, displayWidth(line)), 0);
}

function titled(rule: string, title: string): string {
  const shown = title.slice(0, rule.length - 2);
  return `${rule.slice(0, 1)}${shown}${rule.slice(1 + displayWidth(shown))}`;
}

/** A row as its lines, the shorter cells filled up below. */
function rowLines(
  cells: readonly string[],
  layout: { readonly columns: readonly TableColumn[]; readonly widths: readonly number[] },
): readonly string[] {
  const split = cells.map((cell) => cell.split('\n'));
  const height = Math.max(...split.map((lines) => lines.length));
  return Array.from({ length: height }, (_line, at) => {
    const padded = split.map((lines, index) =>
      pad(lines[at] ?? '', { width: layout.widths[index] ?? 0, align: layout.columns[index]?.align ?? 'left' }),
    );
    return `| ${padded.join(' | ')} |`;
  });
}

function pad(text: string, to: { readonly width: number; readonly align: TableColumn['align'] }): string {
  const blanks = ' '.repeat(to.width - displayWidth(text));
  return to.align === 'right' ? `${blanks}${text}` : `${text}${blanks}`;
}
