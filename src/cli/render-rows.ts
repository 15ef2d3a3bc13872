import { assertNever } from '../domain/invariant.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { textForm } from '../domain/text-form.ts';
import { renderSpacedJson } from '../wire/rest/spaced-json.ts';
import { renderYaml } from '../wire/yaml-text.ts';
import type { ListFormat } from './list/formats.ts';
import { renderTable, type TableColumn } from './list/table.ts';

export type PrintedRows = {
  /** `null`: rows without names; a table then numbers them, and programs learn nothing (spec/ctl.md 10). */
  readonly columns: readonly TableColumn[] | null;
  readonly rows: readonly (readonly Json[])[];
  readonly format: ListFormat;
  /** Between the cells of `tsv`. */
  readonly delimiter: string;
};

/** Rows in any format, the last line break included (spec/ctl.md 6). */
export function renderRows({ columns, rows, format, delimiter }: PrintedRows): string {
  const texts = rows.map((row) => row.map(textForm));
  switch (format) {
    case 'pretty':
      return renderTable({ title: '', columns: columns ?? numbered(rows), rows: texts });
    case 'tsv':
      return [...(columns === null ? [] : [columns.map(({ header }) => header)]), ...texts]
        .map((cells) => `${cells.join(delimiter)}\n`)
        .join('');
    case 'json':
      return `${renderSpacedJson(rows.map((row) => object(columns ?? [], row)))}\n`;
    case 'yaml':
    case 'yml':
      return `${renderYaml(rows.map((row) => object(columns ?? [], row)))}\n`;
    default:
      return assertNever(format);
  }
}

function numbered(rows: readonly (readonly Json[])[]): readonly TableColumn[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, at) => {
    return { header: `Field ${at + 1}`, align: 'left' };
  });
}

/** Of two columns with one name the last one stays. */
function object(columns: readonly TableColumn[], row: readonly Json[]): JsonObject {
  return Object.fromEntries(columns.map(({ header }, at) => [header, row[at] ?? null]));
}
