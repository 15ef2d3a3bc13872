import type { Lsn } from './lsn.ts';
import { type PostgresReport, standbyPosition } from './postgres-report.ts';
import { type Timeline, type TimelineHistory, timeline } from './timeline.ts';

/** What lies here, for a comparison with a leader's WAL: which branch, and how far it reaches. */
export type OwnWal = { readonly history: TimelineHistory; readonly end: Lsn };

/**
 * Is the newest branch that two members call by one number the same WAL? Two promotions from one position make two
 * timelines of one number with identical history files; their WAL differs from its first record, which bears the time.
 * `unknown`: nothing of it could be compared.
 */
export type SameWal = 'same' | 'different' | 'unknown';

/** A branch that two histories have in common, by its number and its beginning; `to`: the end of both, as far as known. */
export type SharedBranch = { readonly timeline: Timeline; readonly from: Lsn; readonly to: Lsn };

/** @returns `null`: it is not known on which branch the WAL here lies, or to where. */
export function ownWal(report: PostgresReport): OwnWal | null {
  const end = endOf(report);
  const history = report.timelineHistory ?? withoutHistory(report);
  return history === null || end === null ? null : { history, end };
}

/**
 * The newest branch in both histories; pg_rewind takes it for common, whatever its WAL holds.
 * @returns `null` when it is the first one: the system identifier answers for that.
 */
export function sharedBranch(own: OwnWal, leader: TimelineHistory): SharedBranch | null {
  const mine = branches(own.history);
  const theirs = branches(leader);
  const parting = mine.findIndex((each, index) => {
    const other = theirs[index];
    return other?.timeline !== each.timeline || other.from !== each.from;
  });
  const last = (parting === -1 ? mine.length : parting) - 1;
  const shared = mine[last];
  if (shared === undefined || shared.from === null) return null;
  const to = [shared.to, theirs[last]?.to ?? null].reduce<Lsn>(
    (least, each) => (each !== null && each < least ? each : least),
    own.end,
  );
  // Who waited for a timeline may have left it before it begins: none of its WAL is shared.
  return to < shared.from ? null : { timeline: shared.timeline, from: shared.from, to };
}

/** The first timeline came out of none, and has no file that says so. */
function withoutHistory({ server, dataDirectory }: PostgresReport): TimelineHistory | null {
  const control = dataDirectory.kind === 'present' ? dataDirectory.control : null;
  const answers = server.kind === 'primary' || server.kind === 'standby';
  const of = answers ? server.timeline : (control?.minRecoveryTimeline ?? control?.checkpointTimeline ?? null);
  return of === timeline(1) && of !== null ? { of, switches: [] } : null;
}

type Branch = { readonly timeline: Timeline; readonly from: Lsn | null; readonly to: Lsn | null };

function branches({ of, switches }: TimelineHistory): readonly Branch[] {
  const ends = [
    ...switches.map((each) => ({ timeline: each.parent, to: each.switchedAt })),
    { timeline: of, to: null },
  ];
  return ends.map((each, index) => ({ ...each, from: switches[index - 1]?.switchedAt ?? null }));
}

/** Received counts: what is here is replayed before anything else is asked for. */
function endOf({ server, dataDirectory }: PostgresReport): Lsn | null {
  if (server.kind === 'primary') return server.flushLsn;
  if (server.kind === 'standby') return standbyPosition(server);
  const control = dataDirectory.kind === 'present' ? dataDirectory.control : null;
  return control === null ? null : (control.minRecoveryEnd ?? control.checkpointEnd ?? control.checkpointLsn);
}
