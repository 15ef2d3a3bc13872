import type { Json, JsonObject } from './json.ts';
import { isJsonList } from './json.ts';

/** Are two JSON values the same value? Order of keys does not matter; `1` and `1n` are the same integer. */
export function deepEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    return isJsonList(a) || isJsonList(b) ? isJsonList(a) && isJsonList(b) && listsEqual(a, b) : objectsEqual(a, b);
  }
  return sameInteger(a, b);
}

function listsEqual(a: readonly Json[], b: readonly Json[]): boolean {
  return a.length === b.length && a.every((each, index) => deepEqual(each, b[index] ?? null));
}

function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !deepEqual(a[key] ?? null, b[key] ?? null)) return false;
  }
  return true;
}

/** One a `number`, the other a `bigint`: of one kind they would be the same already. */
function sameInteger(a: Json, b: Json): boolean {
  if (typeof a === 'number' && typeof b === 'bigint') return Number.isInteger(a) && BigInt(a) === b;
  return typeof a === 'bigint' && typeof b === 'number' && Number.isInteger(b) && BigInt(b) === a;
}
