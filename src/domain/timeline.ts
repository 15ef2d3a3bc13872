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
  const left = history.switches.find((each) => each.parent === from);
  return left === undefined ? { kind: 'never' } : { kind: 'at', lsn: left.switchedAt };
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
