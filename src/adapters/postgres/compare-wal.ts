import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lsn } from '../../domain/lsn.ts';
import { type OwnWal, type SameWal, sharedBranch } from '../../domain/shared-branch.ts';
import type { TimelineHistory } from '../../domain/timeline.ts';
import type { Session } from './connection/session.ts';
import { isAbsent } from './errors.ts';
import type { Instance } from './instance.ts';
import { lastSegment, movedBy, type WalPiece, walPieces } from './wal-files.ts';

/** So much is read from the beginning of the branch and before its end: the first record alone takes 48 bytes. */
const COMPARED_BYTES = 8192;

/**
 * Compare the newest branch that both sides call by one number, byte by byte: right after its beginning, where the first
 * record bears the time of the promotion; and, when that WAL is gone on either side, where it ends here. That much being
 * equal there proves nothing: two idle servers write much the same.
 * @param session to the leader, as the user that pg_rewind would use.
 * @throws What the leader says when that user may not read its files, and what our own disk says.
 */
export async function compareWal(
  instance: Instance,
  session: Session,
  sides: { readonly own: OwnWal; readonly leader: TimelineHistory; readonly leaderEnd: Lsn },
): Promise<SameWal> {
  const shared = sharedBranch(sides.own, sides.leader);
  const segmentBytes = Number((await instance.readControl())?.labels.get('Bytes per WAL segment'));
  if (shared === null || !Number.isInteger(segmentBytes)) return 'unknown';
  const { timeline, from } = shared;
  const to = shared.to < sides.leaderEnd ? shared.to : sides.leaderEnd;
  const directory = join(instance.config.postgres.dataDir, 'pg_wal');

  const equal = async (range: { readonly from: Lsn; readonly to: Lsn }): Promise<boolean | null> => {
    if (range.from >= range.to) return null;
    const mine = await readHere(directory, walPieces({ timeline, ...range }, sides.own.history, segmentBytes));
    if (mine === null) return null;
    const theirs = await readThere(session, walPieces({ timeline, ...range }, sides.leader, segmentBytes));
    return theirs === null ? null : mine.equals(theirs);
  };
  const begins = await equal({ from, to: least(movedBy(from, COMPARED_BYTES), to) });
  if (begins !== null) return begins ? 'same' : 'different';
  // Of the last segment alone: the one before it may be gone, too.
  const last = lastSegment(to, segmentBytes);
  const ends = await equal({ from: [from, last, movedBy(to, -COMPARED_BYTES)].reduce(greatest), to });
  return ends === false ? 'different' : 'unknown';
}

/**
 * Does the leader still have the WAL after what lies here? A receiver asks for the segment from its beginning.
 * @returns `null`: what lies here is not known to be a part of the leader's history.
 */
export async function nextWal(
  instance: Instance,
  session: Session,
  { own, leader, leaderEnd }: { readonly own: OwnWal; readonly leader: TimelineHistory; readonly leaderEnd: Lsn },
): Promise<'kept' | 'removed' | null> {
  const segmentBytes = Number((await instance.readControl())?.labels.get('Bytes per WAL segment'));
  const timeline = own.history.of;
  const isTheirs = timeline === leader.of || leader.switches.some((each) => each.parent === timeline);
  if (!Number.isInteger(segmentBytes) || !isTheirs || own.end >= leaderEnd) return null;
  const [piece] = walPieces({ timeline, from: own.end, to: movedBy(own.end, 1) }, leader, segmentBytes);
  if (piece === undefined) return null;
  const sizes = piece.names.map((_, index) => `(pg_catalog.pg_stat_file($${String(index + 1)}, true)).size`);
  const paths = piece.names.map((name) => `pg_wal/${name}`);
  const [row] = await session.rows(`SELECT COALESCE(${sizes.join(', ')}) IS NOT NULL AS there`, paths);
  const answer: unknown = row?.['there'];
  return answer === 't' ? 'kept' : answer === 'f' ? 'removed' : null;
}

/** @returns `null` when a file is not there, or shorter than it should be. */
async function readHere(directory: string, pieces: readonly WalPiece[]): Promise<Buffer | null> {
  const read: Buffer[] = [];
  for (const { names, offset, length } of pieces) {
    const file = await openFirst(names.map((name) => join(directory, name)));
    if (file === null) return null;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      if (bytesRead < length) return null;
      read.push(buffer);
    } finally {
      await file.close();
    }
  }
  return Buffer.concat(read);
}

async function openFirst(paths: readonly string[]): Promise<FileHandle | null> {
  for (const path of paths) {
    try {
      return await open(path);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return null;
}

/** The same, from the leader's `pg_wal`. */
async function readThere(session: Session, pieces: readonly WalPiece[]): Promise<Buffer | null> {
  const read: Buffer[] = [];
  for (const { names, offset, length } of pieces) {
    const files = names.map((_, index) => `pg_catalog.pg_read_binary_file($${String(index + 3)}, $1, $2, true)`);
    const [row] = await session.rows(`SELECT pg_catalog.encode(COALESCE(${files.join(', ')}), 'hex') AS wal`, [
      offset,
      length,
      ...names.map((name) => `pg_wal/${name}`),
    ]);
    const text: unknown = row?.['wal'];
    if (typeof text !== 'string' || text.length !== 2 * length) return null;
    read.push(Buffer.from(text, 'hex'));
  }
  return Buffer.concat(read);
}

function least(a: Lsn, b: Lsn): Lsn {
  return a < b ? a : b;
}

function greatest(a: Lsn, b: Lsn): Lsn {
  return a > b ? a : b;
}
