import type { Json } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { isTruthy, truth } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import type { Section } from './section.ts';

/** Says of each option that is accepted without effect so far that it has none. */
export function noteInactive(root: Section): void {
  for (const { path, effect } of INACTIVE) {
    if (asksForSomething(valueAt(root.values, path.split('.')))) root.findings.notices.push(`${path}: ${effect}`);
  }
}

const ELSEWHERE = 'has no effect in the local file: it belongs to the dynamic configuration';
const NOT_YET = 'is not active yet';

const INACTIVE: readonly { readonly path: string; readonly effect: string }[] = [
  ...rows(ELSEWHERE, 'ttl loop_wait retry_timeout standby_cluster postgresql.use_slots'),
  ...rows(NOT_YET, 'postgresql.config_base_name'),
];

/** Neither switched off nor what happens anyway. */
function asksForSomething(value: Json): boolean {
  return isTruthy(value) && truth(value) !== false && textForm(value) !== "['basebackup']";
}

function rows(effect: string, paths: string): readonly { readonly path: string; readonly effect: string }[] {
  return paths.split(' ').map((path) => ({ path, effect }));
}

function valueAt(value: Json, path: readonly string[]): Json {
  return path.reduce<Json>((inner, key) => (isJsonObject(inner) ? (inner[key] ?? null) : null), value);
}
