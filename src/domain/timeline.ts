import type { Brand } from './brand.ts';
import type { Lsn } from './lsn.ts';

/** A branch of the WAL: 1, 2, 3 … A promotion starts the next one. */
export type Timeline = Brand<number, 'Timeline'>;

/** @returns the timeline, or `null` when the number cannot be one. */
export function timeline(number: number): Timeline | null {
  return Number.isInteger(number) && number >= 1 && number <= 0xffff_ffff ? (number as Timeline) : null;
}

/** One line of a `.history` file: `parent` ended at `switchedAt`, for `reason`. */
export type TimelineSwitch = { readonly parent: Timeline; readonly switchedAt: Lsn; readonly reason: string };

/** The switches that lead to `of`, oldest first; empty for timeline 1. */
export type TimelineHistory = { readonly of: Timeline; readonly switches: readonly TimelineSwitch[] };

/**
 * Where `history` leaves the branch `from`.
 * @returns `same`: the history is that branch itself. `at`: it left the branch there.
 * `never`: it was never on that branch, so nothing of `from` after the common root belongs to it.
 */
export function branchPoint(
  history: TimelineHistory,
  from: Timeline,
): { readonly kind: 'same' } | { readonly kind: 'at'; readonly lsn: Lsn } | { readonly kind: 'never' } {
  if (history.of === from) return { kind: 'same' };
  if (history.of < from) return { kind: 'never' };
  const index = history.switches.findIndex((each) => each.parent === from);
  const [left, ...later] = index === -1 ? [] : history.switches.slice(index);
  if (left === undefined) return { kind: 'never' };
  const lsn = later.reduce((least, { switchedAt }) => (switchedAt < least ? switchedAt : least), left.switchedAt);
  return { kind: 'at', lsn };
}

/**
 * Does `from`, or a timeline after it, end before it begins? PostgreSQL promotes a standby out of the timeline that it waits
 * for, also from before that begins. Its receiver and pg_rewind go by the single line, and miss where the histories part.
 */
export function endsBeforeItBegins({ switches }: TimelineHistory, from: Timeline): boolean {
  return switches.some(({ parent, switchedAt }, index) => {
    const began = switches[index - 1]?.switchedAt;
    return parent >= from && began !== undefined && switchedAt < began;
  });
}

/** Which timeline of `history` came out of `from`; `null`: none. */
export function nextTimeline({ of, switches }: TimelineHistory, from: Timeline): Timeline | null {
  const left = switches.findIndex(({ parent }) => parent === from);
  return left === -1 ? null : (switches[left + 1]?.parent ?? of);
}

/**
 * Do both histories tell the same of the branches that they share? Two members that were cut off from each other may
 * each have promoted to a timeline of one number; their files differ in where it began.
 */
export function sharesRoot(a: TimelineHistory, b: TimelineHistory): boolean {
  const [shorter, longer] = a.of <= b.of ? [a, b] : [b, a];
  return shorter.switches.every((each) => {
    const other = longer.switches.find((candidate) => candidate.parent === each.parent);
    return other !== undefined && other.switchedAt === each.switchedAt;
  });
}
