import { column, type Line, type Style, span } from './line.ts';

/** One row of a table whose columns never change places: each cell as wide as its column, whatever it holds. */
export function tableRow(
  cells: readonly string[],
  { widths, style }: { readonly widths: readonly number[]; readonly style: Style },
): Line {
  const text = cells.map((cell, index) => column(cell, widths[index] ?? 1)).join('');
  return [span(text.trimEnd(), style)];
}
