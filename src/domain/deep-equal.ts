import type { Json, JsonObject } from './json.ts';
import { isJsonList } from './json.ts';

/** Are two JSON values the same value? Order of keys does not matter; `1` and `1n` are the same integer. */
export function deepEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return a.toString() === b.toString();
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isJsonList(a) || isJsonList(b)) return isJsonList(a) && isJsonList(b) && listsEqual(a, b);
  return objectsEqual(a, b);
}

function listsEqual(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && a.every((each, index) => deepEqual(each, b[index] ?? null));
}

function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key] ?? null, b[key] ?? null))
  );
}

function isNumeric(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
