/**
 * How much WAL a server still has. At a checkpoint it removes whole segments that nothing holds back any more: no slot,
 * and not `wal_keep_size`.
 */
export function oldestKept(wal: {
  /** What is there now begins here. */
  readonly from: number;
  readonly to: number;
  readonly checkpointAt: number;
  readonly keepBytes: number;
  readonly slots: readonly { readonly position: number }[];
}): number {
  const needed = Math.min(wal.checkpointAt, wal.to - wal.keepBytes, ...wal.slots.map((each) => each.position));
  return Math.max(wal.from, segmentStart(needed));
}

/** Can a standby at `position` go on from here? It asks for the segment from its beginning. */
export function stillHas(walFrom: number, position: number): boolean {
  return segmentStart(position) >= segmentStart(walFrom);
}

export function segmentStart(position: number): number {
  return Math.floor(position / SEGMENT_BYTES) * SEGMENT_BYTES;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
