import type { Json } from './json.ts';
import { isJsonList } from './json.ts';

/**
 * A value as Patroni turns it into text for files, command lines and comparisons: `True`, `None`, `1e-05`, `['a', 1]`.
 * Scripts and custom settings depend on it (`app.flag: on` is read as `True`).
 * @see spec/config.md 1.4
 */
export function textForm(value: Json): string {
  return typeof value === 'string' ? value : inner(value);
}

/** Inside lists and maps texts are quoted. */
function inner(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return numberText(value);
  if (isJsonList(value)) return `[${value.map(inner).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, each]) => `${quoted(key)}: ${inner(each)}`)
    .join(', ')}}`;
}

/** The shortest digits that give the same number are those of JavaScript; only the places where exponents begin differ. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < EXPONENT_FROM) return value.toString();
  const size = Math.abs(value);
  if (size >= EXPONENT_BELOW && size < EXPONENT_FROM) return value.toString();
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  return `${digits}e${power < 0 ? '-' : '+'}${Math.abs(power).toString().padStart(2, '0')}`;
}

const EXPONENT_FROM = 1e16;
const EXPONENT_BELOW = 1e-4;

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `${quote}${escaped}${quote}`;
}
