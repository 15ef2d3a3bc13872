import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { textForm } from './text-form.ts';

export type PatchedConfig = {
  readonly document: JsonObject;
  /** `false`: there is nothing to write, although the patch may have named keys. */
  readonly changed: boolean;
};

/**
 * Lay `patch` over `document`: `null` removes a key, objects are merged, anything else replaces what has another text
 * form. So a change of type alone (`30` to `"30"`) is no change, and neither is removing a stored `null`, although the
 * key is gone from the result.
 * @see spec/rest-api.md 10.3, spec/config.md 1.5
 */
export function patchConfig(document: JsonObject, patch: JsonObject): PatchedConfig {
  const result = new Map(Object.entries(document));
  let changed = false;
  for (const [key, wanted] of Object.entries(patch)) {
    const stored = result.get(key);
    if (wanted === null) {
      changed ||= stored !== undefined && stored !== null;
      result.delete(key);
    } else if (stored === undefined) {
      changed = true;
      result.set(key, wanted);
    } else if (isJsonObject(wanted) && isJsonObject(stored)) {
      const merged = patchConfig(stored, wanted);
      changed ||= merged.changed;
      result.set(key, merged.document);
    } else if (isJsonObject(wanted) || textForm(wanted) !== textForm(stored)) {
      changed = true;
      result.set(key, wanted);
    }
  }
  return { document: Object.fromEntries(result), changed };
}

/**
 * Patroni's comparison: objects need the same keys at every level, everything else the same text form (`2` is `'2'`).
 * Decides whether a `PUT /config` or a member's own key has to be written.
 */
export function sameInText(a: Json, b: Json): boolean {
  if (isJsonObject(a) !== isJsonObject(b)) return false;
  if (!isJsonObject(a) || !isJsonObject(b)) return textForm(a) === textForm(b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameInText(a[key] ?? null, b[key] ?? null))
  );
}
