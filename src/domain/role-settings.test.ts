import { describe, expect, test } from 'vitest';
import { effectivePostgres } from './effective-postgres.ts';
import type { JsonObject } from './json.ts';

function merged(local: JsonObject, dynamic: JsonObject = {}) {
  const { effective, warnings } = effectivePostgres({ local, dynamic });
  return { common: effective, roles: effective.roles ?? {}, warnings };
}

describe('settings of one role (config.md 8)', () => {
  test('CONF-50: parameters_replica changes work_mem on replicas alone, and no protected parameter', () => {
    const { common, roles, warnings } = merged({
      parameters: { work_mem: '4MB' },
      parameters_replica: { Max_Connections: 5, work_mem: '1MB' },
    });

    expect(common.parameters).toMatchObject({ work_mem: '4MB', max_connections: '100' });
    expect(roles.replica?.parameters).toEqual({ ...common.parameters, work_mem: '1MB' });
    expect(Object.keys(roles)).toEqual(['replica']);
    expect(warnings).toEqual([
      "Role-based config attempted to override protected parameter 'Max_Connections', ignoring",
    ]);
  });

  test('a list of one role replaces the whole list, an empty one gives the file back', () => {
    const local = { pg_hba: ['A', 'B'], pg_hba_primary: ['C'], pg_hba_standby_leader: null, pg_ident: ['I'] };
    const { roles } = merged(local);

    expect(roles.primary).toMatchObject({ pgHba: ['C'], pgIdent: ['I'] });
    expect(roles.standby_leader).toMatchObject({ pgHba: [], pgIdent: ['I'] });
    expect(roles.replica).toBeUndefined();
  });

  test('the local section of a role hides the dynamic one', () => {
    const { roles } = merged(
      { parameters_primary: { work_mem: '1MB' } },
      { parameters_primary: { work_mem: '2MB', wal_sender_timeout: '5s' } },
    );
    expect(roles.primary?.parameters).toMatchObject({ work_mem: '1MB' });
    expect(roles.primary?.parameters).not.toHaveProperty('wal_sender_timeout');
  });

  test('null takes a parameter away, what is no map is nobody’s, and targets of a recovery stay out', () => {
    const { roles } = merged({
      parameters: { work_mem: '4MB' },
      parameters_primary: { work_mem: null, recovery_target_time: 'now' },
      parameters_replica: 'x',
    });
    expect(roles.primary?.parameters).not.toHaveProperty('work_mem');
    expect(roles.primary?.parameters).not.toHaveProperty('recovery_target_time');
    expect(roles.replica?.parameters).toMatchObject({ work_mem: '4MB' });
  });
});
