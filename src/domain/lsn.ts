import type { Brand } from './brand.ts';

/** Byte position in the WAL: 0 … 2^64-1. "Not known" is `null` beside it, never zero. */
export type Lsn = Brand<bigint, 'Lsn'>;

const LSN_MAX = (1n << 64n) - 1n;

/** @returns the position, or `null` when the number is no WAL position (negative, or over 64 bits). */
export function lsn(bytes: bigint): Lsn | null {
  return bytes >= 0n && bytes <= LSN_MAX ? (bytes as Lsn) : null;
}

/** Parse PostgreSQL's `X/Y` (hexadecimal) or plain decimal bytes. @returns `null` when it is neither. */
export function parseLsn(text: string): Lsn | null {
  const hex = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  if (hex?.[1] !== undefined && hex[2] !== undefined) {
    return lsn((BigInt(`0x${hex[1]}`) << 32n) | BigInt(`0x${hex[2]}`));
  }
  return /^\d{1,20}$/.test(text) ? lsn(BigInt(text)) : null;
}

/** PostgreSQL's own notation: upper-case hexadecimal halves without padding. */
export function formatLsn(position: Lsn): string {
  const high = (position >> 32n).toString(16).toUpperCase();
  const low = (position & 0xffff_ffffn).toString(16).toUpperCase();
  return `${high}/${low}`;
}

/** The larger of the known positions; `null` when none is known. */
export function furthestLsn(...positions: readonly (Lsn | null)[]): Lsn | null {
  return positions.reduce<Lsn | null>((best, each) => {
    if (each === null) return best;
    return best === null || each > best ? each : best;
  }, null);
}

/** How many bytes `behind` misses of `ahead`; zero when it is not behind. */
export function lagBytes(positions: { readonly ahead: Lsn; readonly behind: Lsn }): bigint {
  return positions.ahead > positions.behind ? positions.ahead - positions.behind : 0n;
}
