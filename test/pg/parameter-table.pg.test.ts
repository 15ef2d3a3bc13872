/** The table that values are checked by before they are written says what the server says of its parameters. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  namedParameters,
  type ParameterType,
  parameterType,
} from '../../src/adapters/postgres/files/parameter-table.ts';
import { RECOVERY_SETTINGS } from '../../src/adapters/postgres/files/recovery-settings.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

becomeOrdinaryUser();

let server: RealMember;
beforeAll(async () => {
  server = await realMember('a');
  const outcome = await server.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  expect(outcome).toMatchObject({ kind: 'done' });
});
afterAll(() => server.end());

/** Newer than the major versions that have them: minor versions brought them, and only the server knows whether it has one. */
const broughtByMinors = new Set(['file_extend_method', 'output_plugin_libraries']);

test('it names nothing that the server does not know: the server would not start with it', async () => {
  const rows = await sql(
    server.config.postgres,
    "SELECT lower(name) AS name, current_setting('server_version_num') AS version FROM pg_settings",
  );
  const known = new Set(rows.map((row) => String(row['name'])));
  const unknown = namedParameters(Number(rows[0]?.['version'])).filter((name) => !known.has(name));
  expect(unknown).toEqual([]);
});

test('every parameter that can be set, with its type, its limits and its words', async () => {
  const rows = await sql(
    server.config.postgres,
    `SELECT name, vartype, min_val, max_val, unit, array_to_json(enumvals)::text AS words,
            current_setting('server_version_num') AS version
       FROM pg_settings WHERE context <> 'internal' AND category <> 'Customized Options' ORDER BY name`,
  );
  expect(rows.length).toBeGreaterThan(250);
  const version = Number(rows[0]?.['version']);
  const wrong = rows.flatMap((row) => {
    const name = String(row['name']).toLowerCase();
    if (RECOVERY_SETTINGS.has(name) || broughtByMinors.has(name)) return [];
    const ours = parameterType(name, version);
    const theirs = typeOf(row);
    return JSON.stringify(comparable(ours)) === JSON.stringify(comparable(theirs)) ? [] : [{ name, ours, theirs }];
  });
  expect(wrong).toEqual([]);
});

function typeOf(row: Readonly<Record<string, unknown>>): ParameterType {
  const [min, max] = [Number(row['min_val']), Number(row['max_val'])];
  const unit = row['unit'] as 'ms' | null;
  switch (row['vartype']) {
    case 'bool':
      return { kind: 'boolean' };
    case 'string':
      return { kind: 'text' };
    case 'integer':
      return { kind: 'integer', min, max, unit };
    case 'real':
      return { kind: 'real', min, max, unit };
    default: {
      const words = JSON.parse(String(row['words'])) as string[];
      const more = words.filter((word) => word !== 'on' && word !== 'off');
      return more.length < words.length ? { kind: 'boolean-or-word', words: more } : { kind: 'word', words };
    }
  }
}

/** Words in any order; the largest real number is printed with fewer digits by the one than by the other. */
function comparable(type: ParameterType | null): unknown {
  if (type === null) return null;
  if ('words' in type) return { ...type, words: type.words.map((word) => word.toLowerCase()).toSorted() };
  return 'max' in type && type.max > 1e300 ? { ...type, max: 'largest' } : type;
}
