/**
 * The `lag` parameter in bytes: `1048576`, `16MB`, `0x400`, `010` (octal), `1.5MB`; units are exactly B, kB, MB, GB, TB.
 * @returns `null` for what does not parse: the check is then off, as clients rely on (spec/rest-api.md 7.3).
 */
export function parseLagLimit(text: string): bigint | null {
  const number = leadingNumber(text.trim());
  if (number === null) return null;
  const unit = number.rest.trim();
  const bytes = unit === '' ? number.value : inBytes(number.value, unit);
  return bytes === null || !Number.isFinite(bytes) ? null : BigInt(roundHalfToEven(bytes));
}

function leadingNumber(text: string): { readonly value: number; readonly rest: string } | null {
  const integer = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|\d+)/.exec(text);
  const rest = text.slice(integer?.[0].length ?? 0);
  if (integer?.[2] !== undefined && !/^[.eE]/.test(rest)) {
    return { value: (integer[1] === '-' ? -1 : 1) * integerValue(integer[2]), rest };
  }
  const real = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text)?.[0];
  return real === undefined ? null : { value: Number(real), rest: text.slice(real.length) };
}

function integerValue(digits: string): number {
  if (/^0x/i.test(digits)) return Number.parseInt(digits, 16);
  return Number.parseInt(digits, digits.startsWith('0') ? 8 : 10);
}

/** A fraction is rounded to whole next smaller units, as PostgreSQL does with its settings: 1.4999kB is 1536 bytes. */
function inBytes(value: number, unit: string): number | null {
  const power = units.indexOf(unit);
  if (power < 0) return null;
  if (power === 0) return value;
  return roundHalfToEven(value * 1024) * 1024 ** (power - 1);
}

const units: readonly string[] = ['B', 'kB', 'MB', 'GB', 'TB'];

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
