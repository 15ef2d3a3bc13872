import type { Json } from './json.ts';
import { textForm } from './text-form.ts';

/** Base units of settings; PostgreSQL counts some memory settings in blocks or segments. */
export type BaseUnit = 'B' | 'kB' | 'MB' | '8kB' | '16MB' | 'ms' | 's' | 'min';

/**
 * Read an integer as PostgreSQL and Patroni do: decimal, octal (`0644`) or hexadecimal, rounded half to even when it is
 * written as a real, and with a unit when `base` is given (`'30min'` in `s` is 1800).
 * @returns `null` when the value is no such integer; booleans never are.
 * @see spec/config.md 1.3
 */
export function parseInteger(value: Json | undefined, base: BaseUnit | null = null): number | null {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'object') return null;
  const text = textForm(value).trim();
  const read = readInteger(text) ?? readReal(text);
  if (read === null || !Number.isFinite(read.number)) return null;
  const unit = read.rest.trim();
  if (unit === '') return roundHalfToEven(read.number);
  const converted = base === null ? null : convert(read.number, unit, base);
  return converted === null ? null : roundHalfToEven(converted);
}

/**
 * Read a real number, with a unit when `base` is given (`'2.5ms'` in `ms` is 2.5).
 * @returns `null` when the text is no such number.
 * @see spec/config.md 1.3
 */
export function parseReal(value: string, base: BaseUnit | null = null): number | null {
  const read = readReal(value.trim());
  if (read === null || !Number.isFinite(read.number)) return null;
  const unit = read.rest.trim();
  if (unit === '') return read.number;
  return base === null ? null : convert(read.number, unit, base);
}

type Reading = { readonly number: number; readonly rest: string };

function readInteger(text: string): Reading | null {
  for (const [pattern, radix] of INTEGER_FORMS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [whole, sign = '', digits = ''] = match;
    const rest = text.slice(whole.length);
    if (/^[.eE]/.test(rest)) return null;
    const size = Number.parseInt(digits, radix);
    return { number: sign === '-' ? -size : size, rest };
  }
  return null;
}

const INTEGER_FORMS: readonly (readonly [RegExp, number])[] = [
  [/^([+-]?)0[xX]([0-9a-fA-F]+)/, 16],
  [/^([+-]?)(0[0-7]*)/, 8],
  [/^([+-]?)(\d+)/, 10],
];

function readReal(text: string): Reading | null {
  const match = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  return match === null ? null : { number: Number(match[0]), rest: text.slice(match[0].length) };
}

/** Units of one family from small to large, each with its size in the smallest. */
const MEMORY = [
  ['B', 1],
  ['kB', 1024],
  ['MB', 1024 ** 2],
  ['GB', 1024 ** 3],
  ['TB', 1024 ** 4],
] as const;
const TIME = [
  ['us', 1],
  ['ms', 1000],
  ['s', 1_000_000],
  ['min', 60_000_000],
  ['h', 3_600_000_000],
  ['d', 86_400_000_000],
] as const;

function convert(number: number, unit: string, base: BaseUnit): number | null {
  const multiplier = Number(/^\d+/.exec(base)?.[0] ?? 1);
  const baseName = base.replace(/^\d+/, '');
  for (const family of [MEMORY, TIME]) {
    const unitIndex = family.findIndex(([name]) => name === unit);
    const unitSize = family[unitIndex]?.[1];
    const baseSize = family.find(([name]) => name === baseName)?.[1];
    if (unitSize === undefined || baseSize === undefined) continue;
    // PostgreSQL rounds to the next smaller unit first, so that 4097.5kB is 4098 kB's worth of bytes and not a fraction.
    const smaller = family[unitIndex - 1]?.[1];
    const exact = smaller === undefined ? number * unitSize : roundHalfToEven((number * unitSize) / smaller) * smaller;
    return exact / (baseSize * multiplier);
  }
  return null;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
