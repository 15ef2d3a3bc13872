import { isJsonList, isJsonObject, type Json } from '../domain/json.ts';

export type ParsedJson =
  | { readonly kind: 'parsed'; readonly json: Json }
  /** `problem` is for people: what is wrong, and where if the parser knows. */
  | { readonly kind: 'invalid'; readonly problem: string };

/**
 * Parse JSON without losing a digit: an integer beyond 2^53 becomes a `bigint`, every other number a `number`.
 * @returns `invalid` for text that is not JSON, and for numbers too large to hold (`1e400`): infinity is not what it said.
 * Also for what is nested deeper than anybody means: whoever walks through it would run out of stack.
 * @see spec/dcs.md 1.14
 */
export function parseJson(text: string): ParsedJson {
  try {
    // The reviver costs several times the parsing; few values have a number that needs it.
    const json = NEEDS_CARE.test(text) ? sourceText.parse(text, keepDigits) : (JSON.parse(text) as Json);
    if (text.length > 2 * DEPTH_MAX && isDeeper(json, DEPTH_MAX))
      return { kind: 'invalid', problem: `nested deeper than ${DEPTH_MAX} levels` };
    return { kind: 'parsed', json };
  } catch (error) {
    // SyntaxError: not JSON, or a number out of range. RangeError: nested deeper than the stack holds.
    if (error instanceof SyntaxError || error instanceof RangeError) return { kind: 'invalid', problem: error.message };
    throw error;
  }
}

/** No document of ours has ten. */
const DEPTH_MAX = 200;

function isDeeper(json: Json, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return levels === 0 || Object.values(json).some((each: Json) => isDeeper(each, levels - 1));
}

/**
 * Render compact JSON in ASCII, as Patroni writes it: no blanks, `\uXXXX` for whatever is not printable ASCII, every digit
 * of a `bigint`.
 * @see spec/dcs.md 1.14
 */
export function renderJson(json: Json): string {
  const text = JSON.stringify(withoutBigints(json));
  return text.replace(NOT_PRINTABLE_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `JSON.stringify` takes no `bigint`: a number where one holds it, else its digits. A replacer costs several times this. */
function withoutBigints(json: Json): unknown {
  if (typeof json === 'bigint') {
    const number = Number(json);
    return Number.isSafeInteger(number) ? number : sourceText.rawJSON(json.toString());
  }
  if (isJsonList(json)) return json.map(withoutBigints);
  if (!isJsonObject(json)) return json;
  const plain: Record<string, unknown> = { ...json };
  for (const key of Object.keys(json)) {
    const value = json[key];
    if (typeof value === 'bigint' || typeof value === 'object') plain[key] = withoutBigints(value);
  }
  return plain;
}

/** A number of 16 digits in a row, or an exponent: only these can be out of a double's reach. Digits in a text rarely look so. */
const NEEDS_CARE = /(?:^|[:[,])\s*-?\d{16}|\d[eE][+-]?\d/;
/** Code units, not code points: beyond the basic plane JSON writes both halves of the pair. */
const NOT_PRINTABLE_ASCII = /[\u007f-\uffff]/g;

function keepDigits(_key: string, value: unknown, context: SourceContext): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context.source === undefined) return value;
  if (/^-?\d+$/.test(context.source)) return BigInt(context.source);
  if (!Number.isFinite(value)) throw new SyntaxError(`number out of range: ${context.source.slice(0, 40)}`);
  return value;
}

/** The text that a scalar was parsed from; absent for objects and lists. */
type SourceContext = { readonly source?: string };

// ES2026 "JSON.parse source text access": in every Node that we support, not yet in TypeScript's library.
const sourceText = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: SourceContext) => unknown): Json;
  rawJSON(text: string): object;
};
