import type { HistoryLine } from '../domain/cluster-view.ts';
import type { Json } from '../domain/json.ts';
import type { LeaderHistory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import type { Timeline, TimelineHistory } from '../domain/timeline.ts';

export type HistoryWork =
  | { readonly kind: 'right' }
  /** My own server has to be asked for its `.history` file first. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'write'; readonly value: readonly Json[] };

/**
 * Does the `history` key tell how the cluster came to my timeline (spec/dcs.md 1.8)? Only the running primary with the
 * lock writes it. Times and names of older lines are carried over from what is stored.
 */
export function publishedHistory(o: Observation, mine: Timeline): HistoryWork {
  const view = latestView(o);
  if (view === null) return { kind: 'right' };
  const stored = view.history.kind === 'lines' ? view.history.lines : [];
  const last = stored.at(-1);
  if (mine === 1) return last === undefined ? { kind: 'right' } : { kind: 'write', value: [] };
  if (last?.timeline === mine - 1 && isMine(o, last) && !beganElsewhere(o, last)) return { kind: 'right' };
  const own = o.ownHistory;
  if (own?.kind !== 'known' || own.history.of !== mine) return { kind: 'ask' };
  return tellsOf(o, own.history, last) ? { kind: 'right' } : { kind: 'write', value: lines(o, own, stored) };
}

/** A promotion takes the next number that it knows nobody to have used, so the timeline before may be an older one. */
function tellsOf(o: Observation, { switches }: TimelineHistory, last: HistoryLine | undefined): boolean {
  const began = switches.at(-1);
  if (began === undefined || last === undefined) return began === undefined && last === undefined;
  return last.timeline === began.parent && last.lsn === began.switchedAt && isMine(o, last);
}

/**
 * Who leads on a timeline has begun it. A backup of the store may name whoever began another one of this number at the same
 * position: that one would be taken for the last leader, and I for its twin (`remember-parting.ts`).
 */
function isMine({ config }: Observation, { leader }: HistoryLine): boolean {
  return leader === config.name;
}

/** One that a backup of the store brought back may tell of another timeline of this number. */
export function beganElsewhere({ postgres }: Observation, line: HistoryLine): boolean {
  const own = postgres?.timelineHistory;
  const began = own?.of === line.timeline + 1 ? own.switches.at(-1) : undefined;
  return began !== undefined && began.switchedAt !== line.lsn;
}

function lines(
  o: Observation,
  own: Extract<LeaderHistory, { kind: 'known' }>,
  stored: readonly HistoryLine[],
): readonly Json[] {
  const all = own.history.switches.map((each): Json => {
    const line: readonly Json[] = [each.parent, each.switchedAt, each.reason];
    if (each === own.history.switches.at(-1))
      return [...line, new Date(o.wallNow).toISOString().replace('Z', '+00:00'), o.config.name];
    const known = stored.find((old) => old.timeline === each.parent && old.lsn === each.switchedAt);
    if (known?.at === undefined || known.at === null) return line;
    return known.leader === null ? [...line, known.at] : [...line, known.at, known.leader];
  });
  const kept = o.dynamic.maxTimelinesHistory;
  return kept > 0 ? all.slice(-kept) : all;
}
