import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectOperator } from '../../src/adapters/postgres/connect-operator.ts';
import type { QueryOptions } from '../../src/cli/sql/run-query.ts';
import { runQuery } from '../../src/cli/sql/run-query.ts';
import { fakeOperator, globals } from '../support/fake-operator.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';

let server: RealMember;
beforeAll(async () => {
  becomeOrdinaryUser();
  server = await realMember('a');
  const ended = await server.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  expect(ended).toMatchObject({ kind: 'done' });
});
afterAll(() => server.end());

async function query(command: string, options: Partial<QueryOptions> = {}) {
  const { port, superuser } = server.config.postgres;
  const published = { conn_url: `postgres://localhost:${port}/postgres`, state: 'running', role: 'primary' };
  const { line, seen } = fakeOperator({ keys: { 'members/n1': published }, typed: [superuser.password ?? ''] });
  const defaults: QueryOptions = {
    ...{ ...globals, cluster: 'demo', role: null, member: null, tool: 'patronictl', format: 'tsv', delimiter: '\t' },
    ...{ file: null, command, askPassword: true, user: superuser.username, database: 'postgres' },
    repeat: { kind: 'once' },
  };
  const code = await runQuery({ ...defaults, ...options }, { ...line, connectSql: (to) => connectOperator(to, {}) });
  return { code, stdout: seen.stdout.replace('Password: \n', '') };
}

test('CTL-76: values are printed as Patroni’s tool prints them', async () => {
  expect((await query('select null, true as t, 7::int8, 1.5 as n, array[1,2] as l')).stdout).toBe(
    '?column?\tt\tint8\tn\tl\nNone\tTrue\t7\t1.5\t{1,2}\n',
  );
  expect((await query('select date $$2031-05-04$$ as d, 1.50 as n', { format: 'json' })).stdout).toBe(
    '[{"d": "2031-05-04", "n": "1.50"}]\n',
  );
});

test('of several statements the last one answers, and one without rows prints nothing', async () => {
  expect((await query('select 1 as a; select 2 as b')).stdout).toBe('b\n2\n');
  expect(await query('create table t ()')).toMatchObject({ code: 0, stdout: '' });
  expect((await query('select count(*) from t')).stdout).toBe('count\n0\n');
});

test('CTL-77: what the server does not take is a row with its code', async () => {
  expect((await query('selec')).stdout).toMatch(/\tERROR, SQLSTATE: 42601\n$/);
  expect((await query('select 1', { user: 'nobody' })).stdout).toMatch(/\tERROR, SQLSTATE: (28000|28P01)\n$/);
});

test('where a password is wanted and none is given, that is said with what gives one', async () => {
  const open = desired(null);
  const closed = { ...open, hba: ['host all stranger all scram-sha-256', ...(open.hba ?? [])] };
  expect(await server.postgres.reconfigure(closed)).toEqual({ kind: 'done' });
  const { stdout } = await query('select 1', { askPassword: false, user: 'stranger' });
  expect(stdout).toMatch(/a password is wanted of stranger, and none was given: --password asks for it/);
});

test('a role is checked with the server itself', async () => {
  expect((await query('select 1 as a', { role: 'primary' })).stdout).toBe('a\n1\n');
  expect((await query('select 1', { role: 'standby-leader' })).stdout).toMatch(
    /\tNo connection to role 'standby-leader' is available\n$/,
  );
});
