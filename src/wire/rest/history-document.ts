import type { HistoryKey, HistoryLine } from '../../domain/cluster-view.ts';
import type { Json } from '../../domain/json.ts';

/** The body of `GET /history`: one array per ended timeline, oldest first; `[]` when nothing usable is stored. */
export function historyDocument(history: HistoryKey): Json {
  return history.kind === 'lines' ? history.lines.map(historyLine) : [];
}

/** Three, four or five elements: when and by whom are known only of switches that an agent of this cluster recorded. */
function historyLine(line: HistoryLine): Json {
  const always: readonly Json[] = [line.timeline, line.lsn, line.reason];
  if (line.leader !== null) return [...always, line.at, line.leader];
  return line.at === null ? always : [...always, line.at];
}
