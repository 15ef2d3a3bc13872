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
  ...rows(
    NOT_YET,
    'bootstrap.dcs.postgresql.callbacks bootstrap.dcs.postgresql.create_replica_methods ' +
      'bootstrap.dcs.standby_cluster.create_replica_methods',
  ),
  ...rows(
    NOT_YET,
    'postgresql.callbacks postgresql.create_replica_methods postgresql.create_replica_method postgresql.pre_promote ' +
      'postgresql.before_stop postgresql.custom_conf postgresql.krbsrvname postgresql.config_base_name',
  ),
  ...rows(NOT_YET, 'ctl.keyfile_password'),
  ...rows(NOT_YET, 'log.dir log.format log.dateformat log.static_fields log.loggers log.traceback_level'),
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
