import type { HistoryKey, HistoryLine } from '../../domain/cluster-view.ts';
import { assertNever } from '../../domain/invariant.ts';
import type { Json } from '../../domain/json.ts';
import { textForm } from '../../domain/text-form.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { renderYaml } from '../../wire/yaml-text.ts';
import type { ListFormat } from '../list/formats.ts';
import { renderTable } from '../list/table.ts';

/** Everything that `history` prints: one row for each timeline that ended (spec/ctl.md 8.9). Short lines are filled up. */
export function renderHistory(history: HistoryKey, format: ListFormat): string {
  const rows = history.kind === 'lines' ? history.lines.map(row) : [];
  switch (format) {
    case 'pretty':
      return renderTable({ title: '', columns, rows: rows.map((cells) => cells.map(textForm)) });
    case 'tsv':
      return [columns.map(({ header }) => header), ...rows.map((cells) => cells.map(textForm))]
        .map((cells) => `${cells.join('\t')}\n`)
        .join('');
    case 'json':
      return `${renderSpacedJson(rows.map(object))}\n`;
    case 'yaml':
    case 'yml':
      return `${renderYaml(rows.map(object))}\n`;
    default:
      return assertNever(format);
  }
}

const columns = [
  { header: 'TL', align: 'right' },
  { header: 'LSN', align: 'right' },
  { header: 'Reason', align: 'left' },
  { header: 'Timestamp', align: 'left' },
  { header: 'New Leader', align: 'left' },
] as const;

function row({ timeline, lsn, reason, at, leader }: HistoryLine): readonly Json[] {
  return [timeline, lsn, reason, at ?? '', leader ?? ''];
}

function object(cells: readonly Json[]): Json {
  return Object.fromEntries(columns.map(({ header }, index) => [header, cells[index] ?? '']));
}
