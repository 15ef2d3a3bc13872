import type { JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { type Check, type Finding, type Place, wrong } from './check.ts';

/** What is asked of a map's keys. Keys that nobody asks about are never reported. */
export type Rule =
  | { readonly kind: 'required' | 'optional'; readonly fields: Readonly<Record<string, Check>> }
  /** At least one of them has to be there; all that are, are checked. */
  | { readonly kind: 'one-at-least'; readonly fields: Readonly<Record<string, Check>> }
  /** Not more than one may be there. */
  | { readonly kind: 'one-at-most'; readonly fields: Readonly<Record<string, Check>> };

/** A map whose keys follow these rules, reported in their order. */
export function map(...rules: readonly Rule[]): Check {
  return (place) => {
    const { value } = place;
    if (!isJsonObject(value)) return wrong(place, 'is not a dictionary');
    const found: Finding[] = [];
    for (const rule of rules) found.push(...judged(rule, place, value));
    return found;
  };
}

function judged({ kind, fields }: Rule, place: Place, values: JsonObject): readonly Finding[] {
  const keys = Object.keys(fields);
  const present = keys.filter((key) => values[key] !== undefined);
  const at = (key: string): readonly string[] => [...place.path, key];
  const missing = keys.filter((key) => !present.includes(key));
  const isMissing = kind === 'required' || (kind === 'one-at-least' && present.length === 0);
  const lacking = isMissing ? missing.map((key) => silent(at(key), 'is not defined.')) : [];
  if (kind === 'one-at-most' && present.length > 1) {
    const names = present.map((key) => `'${key}'`).join(', ');
    return [silent(place.path, `Multiple of (${names}) provided`)];
  }
  const found: Finding[] = [];
  for (const key of keys) {
    found.push(...lacking.filter(({ path }) => path.at(-1) === key));
    const value = values[key];
    if (value !== undefined) found.push(...(fields[key]?.({ path: at(key), value }) ?? []));
  }
  return found;
}

/** The reason says the value. */
export function silent(path: readonly string[], reason: string): Finding {
  return { path, shown: '', reason };
}
