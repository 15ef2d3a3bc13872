import { expect, test } from 'vitest';
import { parsePostmasterOptions } from './postmaster-options.ts';

test('PG-65: recovery runs with the options of the last postmaster', () => {
  const text =
    '/usr/lib/postgresql/15/bin/postgres "-D" "/d" "--config-file=/d/postgresql.conf" "--max_connections=100"\n';
  expect(parsePostmasterOptions(text)).toEqual({ config_file: '/d/postgresql.conf', max_connections: '100' });
});
