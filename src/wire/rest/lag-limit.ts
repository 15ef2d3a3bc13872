import { parseInteger } from '../../domain/quantity.ts';

/**
 * The `lag` parameter in bytes: `1048576`, `16MB`, `0x400`, `010` (octal), `1.5MB`; units are exactly B, kB, MB, GB, TB.
 * @returns `null` for what does not parse: the check is then off, as clients rely on (spec/rest-api.md 7.3).
 */
export function parseLagLimit(text: string): bigint | null {
  const bytes = parseInteger(text, 'B');
  // With its unit a number may be beyond what can be held: `1e308TB`.
  return bytes === null || !Number.isFinite(bytes) ? null : BigInt(bytes);
}
