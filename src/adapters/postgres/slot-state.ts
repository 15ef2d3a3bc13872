import { type Lsn, lsn } from '../../domain/lsn.ts';
import type { SlotName } from '../../domain/names.ts';

/** A logical slot as its own server knows it, with the file that a server reads it from when it starts. */
export type SlotState = {
  readonly name: SlotName;
  /** Where decoding has to begin: WAL from there on must be here. */
  readonly needsFrom: Lsn;
  readonly confirmed: Lsn;
  readonly file: Buffer;
};

/** `ReplicationSlotOnDisk`: 16 bytes of head, then name, database, persistency, xmin, catalog_xmin, and this. */
const RESTART_LSN_AT = 96;
const FILE_BYTES_MIN = RESTART_LSN_AT + 8;

/**
 * Where the server that starts from this file begins to decode. The file is written now and then, and lags what the server
 * knows; a position further on than that can only be another version's layout.
 * @returns `null`: the file is too short to be a slot's.
 */
export function decodingStart(file: Buffer, known: Lsn): Lsn | null {
  if (file.length < FILE_BYTES_MIN) return null;
  const written = lsn(file.readBigUInt64LE(RESTART_LSN_AT));
  return written !== null && written > 0n && written < known ? written : known;
}

/**
 * Why this slot would be of no use here; `null`: nothing speaks against it. A slot ahead of what is replayed would skip
 * what its consumer has not seen; one whose WAL is not here could never be moved on.
 */
export function whyOfNoUse(
  slot: Pick<SlotState, 'name' | 'needsFrom' | 'confirmed'>,
  here: { readonly replayed: Lsn; readonly walFiles: readonly string[]; readonly segmentBytes: number },
): string | null {
  if (slot.confirmed > here.replayed) return `${slot.name} is ahead of what is replayed here`;
  const hasWal = here.walFiles.some((name) => segmentOf(name, here.segmentBytes) === needed(slot.needsFrom, here));
  return hasWal ? null : `the WAL that ${slot.name} needs is not here`;
}

function needed(from: Lsn, { segmentBytes }: { readonly segmentBytes: number }): bigint {
  return BigInt(from) / BigInt(segmentBytes);
}

/** The number of a segment, whatever its timeline; `null` for other files. */
function segmentOf(name: string, segmentBytes: number): bigint | null {
  const parts = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/.exec(name);
  if (parts?.[1] === undefined || parts[2] === undefined) return null;
  const perId = 0x1_0000_0000n / BigInt(segmentBytes);
  return BigInt(`0x${parts[1]}`) * perId + BigInt(`0x${parts[2]}`);
}
