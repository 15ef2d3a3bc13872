import type { HistoryKey, HistoryLine } from '../../domain/cluster-view.ts';
import type { Json } from '../../domain/json.ts';
import type { ListFormat } from '../list/formats.ts';
import { renderRows } from '../render-rows.ts';

/** Everything that `history` prints: one row for each timeline that ended (spec/ctl.md 8.9). Short lines are filled up. */
export function renderHistory(history: HistoryKey, format: ListFormat): string {
  const rows = history.kind === 'lines' ? history.lines.map(row) : [];
  return renderRows({ columns, rows, format, delimiter: '\t' });
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
