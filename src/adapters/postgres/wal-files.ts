import { type Lsn, lsn } from '../../domain/lsn.ts';
import type { Timeline, TimelineHistory } from '../../domain/timeline.ts';

/** A piece of one segment file: `[offset, offset + length)` of whichever of `names` is there, best first. */
export type WalPiece = { readonly names: readonly string[]; readonly offset: number; readonly length: number };

/**
 * Where the WAL of `timeline` from `from` to `to` lies in the `pg_wal` of a server with that history. A promotion copies the
 * segment that it begins in: up to there it holds the parent's WAL, whose own file may be gone or left incomplete.
 */
export function walPieces(
  range: { readonly timeline: Timeline; readonly from: Lsn; readonly to: Lsn },
  history: TimelineHistory,
  segmentBytes: number,
): readonly WalPiece[] {
  const size = BigInt(segmentBytes);
  const pieces: WalPiece[] = [];
  for (let at = BigInt(range.from); at < range.to; ) {
    const segment = at / size;
    const end = (segment + 1n) * size < range.to ? (segment + 1n) * size : range.to;
    const names = holders(range.timeline, history, (began) => began / size === segment);
    pieces.push({
      names: names.map((each) => segmentName(each, segment, segmentBytes)),
      offset: Number(at % size),
      length: Number(end - at),
    });
    at = end;
  }
  return pieces;
}

/** `bytes` further or, below zero, back, but not before the beginning of all WAL. */
export function movedBy(position: Lsn, bytes: number): Lsn {
  return lsn(BigInt(position) + BigInt(bytes)) ?? position;
}

/** Where the segment begins that holds the last byte before `end`. */
export function lastSegment(end: Lsn, segmentBytes: number): Lsn {
  const size = BigInt(segmentBytes);
  return lsn(((BigInt(end) - 1n) / size) * size) ?? end;
}

/** The timeline and those that left it within the segment, newest first. */
function holders(of: Timeline, history: TimelineHistory, beganInSegment: (at: Lsn) => boolean): readonly Timeline[] {
  const timelines: Timeline[] = [of];
  const left = history.switches.findIndex((each) => each.parent === of);
  if (left === -1) return timelines;
  for (let index = left; index < history.switches.length; index += 1) {
    const switchedAt = history.switches[index]?.switchedAt;
    const child = history.switches[index + 1]?.parent ?? history.of;
    if (switchedAt === undefined || !beganInSegment(switchedAt)) break;
    timelines.unshift(child);
  }
  return timelines;
}

/** As PostgreSQL names it: timeline, then the segment's number in two halves. */
function segmentName(timeline: Timeline, segment: bigint, segmentBytes: number): string {
  const perId = 0x1_0000_0000n / BigInt(segmentBytes);
  return [BigInt(timeline), segment / perId, segment % perId].map(hexadecimal).join('');
}

function hexadecimal(number: bigint): string {
  return number.toString(16).toUpperCase().padStart(8, '0');
}
