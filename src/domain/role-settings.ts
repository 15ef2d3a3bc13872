import type { EffectivePostgres, FileRole, FileSettings } from './agent-config.ts';
import { isControlled } from './controlled-parameters.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonList, isJsonObject } from './json.ts';
import { recoverySettings } from './recovery-settings.ts';
import { textForm } from './text-form.ts';

/**
 * What holds in one role only. `parameters_<role>` is laid over the parameters for all, except the controlled ones, which
 * have to be alike everywhere; `pg_hba_<role>` and `pg_ident_<role>` replace the whole list.
 * @param settings the merged `postgresql` section
 * @param common what holds in every role
 * @see spec/config.md 8
 */
export function roleSettings(
  settings: JsonObject,
  common: FileSettings,
): { readonly roles: NonNullable<EffectivePostgres['roles']>; readonly warnings: readonly string[] } {
  const roles: Partial<Record<FileRole, FileSettings>> = {};
  const warnings: string[] = [];
  for (const role of ROLES) {
    const [own, hba, ident] = KEYS.map((key) => settings[`${key}_${role}`]);
    if (own === undefined && hba === undefined && ident === undefined) continue;
    const parameters = new Map(Object.entries(common.parameters));
    for (const [name, value] of isJsonObject(own) ? Object.entries(own) : []) {
      const lower = name.toLowerCase();
      if (isControlled(lower)) {
        warnings.push(`Role-based config attempted to override protected parameter '${name}', ignoring`);
      } else if (value === null) parameters.delete(lower);
      else parameters.set(lower, textForm(value));
    }
    roles[role] = {
      parameters: recoverySettings({ section: undefined, parameters }).parameters,
      pgHba: hba === undefined ? common.pgHba : textsOf(hba),
      pgIdent: ident === undefined ? common.pgIdent : textsOf(ident),
    };
  }
  return { roles, warnings };
}

const ROLES: readonly FileRole[] = ['primary', 'replica', 'standby_leader'];
const KEYS = ['parameters', 'pg_hba', 'pg_ident'] as const;

/** A list of texts; a single text counts as a list of one, and what is no text is left out. */
export function textsOf(list: Json | undefined): readonly string[] {
  if (typeof list === 'string') return list === '' ? [] : [list];
  return isJsonList(list) ? list.filter((each) => typeof each === 'string') : [];
}
