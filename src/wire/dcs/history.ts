import type { HistoryKey, HistoryLine } from '../../domain/cluster-view.ts';
import type { Json } from '../../domain/json.ts';
import { isJsonList } from '../../domain/json.ts';
import { lsn } from '../../domain/lsn.ts';
import { memberName } from '../../domain/names.ts';
import type { StoredPair } from '../../domain/stored-pair.ts';
import { parseJson } from '../json.ts';
import { integerIn, textIn, timelineIn } from './lenient.ts';

/**
 * Read the `history` key: one line for each timeline that ended. The last line decides which timeline the cluster has
 * reached; when it cannot be read, nothing is known. Unreadable lines before it are left out.
 * @see spec/dcs.md 1.8 (C-14)
 */
export function readHistory(pair: StoredPair): HistoryKey {
  const unusable: HistoryKey = { kind: 'unusable', modRevision: pair.modRevision };
  const parsed = parseJson(pair.value);
  if (parsed.kind === 'invalid' || !isJsonList(parsed.json)) return unusable;
  const lines = parsed.json.map(readLine);
  if (lines.at(-1) === null) return unusable;
  return { kind: 'lines', lines: lines.filter((line) => line !== null), modRevision: pair.modRevision };
}

/** Entries have 3 elements (origin unknown), 4 (old agents) or 5. */
function readLine(entry: Json): HistoryLine | null {
  if (!isJsonList(entry)) return null;
  const [ended, position, reason, at, leader] = entry;
  const timeline = timelineIn(ended);
  const bytes = integerIn(position);
  const switchedAt = bytes === null ? null : lsn(bytes);
  if (timeline === null || switchedAt === null) return null;
  const name = textIn(leader);
  return {
    timeline,
    lsn: switchedAt,
    reason: textIn(reason) ?? '',
    at: textIn(at),
    leader: name === null ? null : memberName(name),
  };
}
