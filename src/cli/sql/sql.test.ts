import { describe, expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { SqlAnswer } from '../../ports/sql.ts';
import { type DsnOptions, runDsn } from './run-dsn.ts';
import { type QueryOptions, runQuery } from './run-query.ts';

const words = { cluster: 'demo', role: null, member: null } as const;

async function dsn(options: Partial<DsnOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator(world);
  return { code: await runDsn({ ...globals, ...words, format: 'text', ...options }, line), ...seen };
}

async function query(options: Partial<QueryOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator(world);
  const defaults: QueryOptions = {
    ...{ ...globals, ...words, tool: 'patronictl', format: 'tsv', delimiter: '\t', file: null, command: 'select 1' },
    ...{ askPassword: false, user: null, database: null, repeat: { kind: 'once' } },
  };
  return { code: await runQuery({ ...defaults, ...options }, line), ...seen };
}

const one: SqlAnswer = { kind: 'rows', columns: ['a', 'b'], rows: [[null, true]] };
const inRecovery = (is: boolean) => (text: string) =>
  text.includes('pg_is_in_recovery') ? ({ ...one, rows: [[is]] } as const) : one;
const wrongWords = '--role and --member are mutually exclusive options';

describe('dsn', () => {
  test.each<[string, Partial<DsnOptions>, string]>([
    ['the leader', {}, '10.0.0.1'],
    ['a role', { role: 'replica' }, '10.0.0.2'],
    ['the first of any', { role: 'any' }, '10.0.0.1'],
    ['a name', { member: 'n3' }, '10.0.0.3'],
  ])('CTL-75: %s', async (_who, options, host) => {
    expect(await dsn(options)).toMatchObject({ code: 0, stdout: `host=${host} port=5432\n` });
  });

  test.each<[string, Partial<DsnOptions>, string]>([
    ['nobody has the role', { role: 'standby-leader' }, 'Can not find a suitable member'],
    ['nobody has the name', { member: 'zz' }, 'Can not find a suitable member'],
    ['role and name', { role: 'leader', member: 'n1' }, wrongWords],
  ])('CTL-75: %s is an error', async (_what, options, message) => {
    const world = { keys: { 'members/n1': { conn_url: 'postgres://10.0.0.1:5432/x', role: 'primary' } } };
    expect(await dsn(options, world)).toMatchObject({ code: 1, stdout: '', stderr: `Error: ${message}\n` });
  });

  test('programs get the name, too', async () => {
    expect(JSON.parse((await dsn({ format: 'json' })).stdout)).toEqual({ member: 'n1', host: '10.0.0.1', port: 5432 });
  });
});

describe('query', () => {
  test('CTL-76: a header and rows, with None and True', async () => {
    expect(await query({}, { sql: () => one })).toMatchObject({ code: 0, stdout: 'a\tb\nNone\tTrue\n' });
    expect((await query({ delimiter: ';' }, { sql: () => one })).stdout).toBe('a;b\nNone;True\n');
    expect((await query({ format: 'json' }, { sql: () => one })).stdout).toBe('[{"a": null, "b": true}]\n');
    expect((await query({ format: 'pretty' }, { sql: () => one })).stdout).toContain('| None | True |');
  });

  test('CTL-77: an error is a row with its code, without a header; ours fails', async () => {
    const sql = (): SqlAnswer => ({ kind: 'failed', sqlState: '42601', message: 'syntax error' });
    const { code, stdout, stderr } = await query({}, { sql });

    expect(code).toBe(0);
    expect(stderr).toMatch(/^Error: 10\.0\.0\.\d:5432: syntax error\n$/);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\tERROR, SQLSTATE: 42601\n$/);
    expect((await query({ tool: 'matriarch' }, { sql })).code).toBe(1);
    expect((await query({ format: 'pretty' }, { sql })).stdout).toContain('| Field 1 ');
    expect((await query({ format: 'json' }, { sql })).stdout).toBe('[{}]\n');
  });

  test('a server that does not answer is a row with the reason in one line', async () => {
    expect((await query()).stdout).toMatch(/\tERROR, SQLSTATE: nobody is there\n$/);
  });

  test('CTL-78: exactly one of both sources of statements', async () => {
    expect(await query({ command: null })).toMatchObject({
      code: 1,
      stderr: 'Error: You need to specify either --command or --file\n',
    });
    expect(await query({ file: 'f' })).toMatchObject({
      code: 1,
      stderr: 'Error: --file and --command are mutually exclusive options\n',
    });
    expect(await query({ role: 'leader', member: 'n1' })).toMatchObject({ stderr: `Error: ${wrongWords}\n` });
  });

  test('statements come from a file or from standard input', async () => {
    const sql = (text: string): SqlAnswer => ({ kind: 'rows', columns: ['text'], rows: [[text]] });

    expect((await query({ command: null, file: 'f' }, { sql, files: { f: 'select 2' } })).stdout).toContain('select 2');
    expect((await query({ command: null, file: '-' }, { sql, input: 'select 3' })).stdout).toContain('select 3');
    const missing = await query({ command: null, file: 'g' }, { sql });
    expect([missing.code, missing.stderr]).toEqual([2, 'Error: The file g cannot be read\n']);
  });

  test.each<[QueryOptions['role'], boolean, string]>([
    ['primary', false, 'None\tTrue'],
    ['primary', true, "No connection to role 'primary' is available"],
    ['replica', true, 'None\tTrue'],
    ['replica', false, "No connection to role 'replica' is available"],
    ['leader', true, 'None\tTrue'],
  ])('a role %s is asked whether it is in recovery (%s)', async (role, is, says) => {
    expect((await query({ role }, { sql: inRecovery(is) })).stdout).toContain(says);
  });

  test('who is not there is named', async () => {
    expect((await query({ member: 'zz' })).stdout).toContain('\tNo connection to member zz is available\n');
    expect((await query({}, { keys: { leader: null } })).stdout).toContain('\tNo connection is available\n');
  });

  test('a statement without rows prints nothing', async () => {
    expect(await query({}, { sql: () => ({ kind: 'no-rows' }) })).toMatchObject({ code: 0, stdout: '' });
  });

  test('a table has room for more rows than a call has for arguments', async () => {
    const rows = Array.from({ length: 700_000 }, (_, at) => [at]);
    const { code, stdout } = await query({ format: 'pretty' }, { sql: () => ({ kind: 'rows', columns: ['n'], rows }) });

    expect([code, stdout.split('\n').length]).toEqual([0, 700_005]);
  });

  test('what is given of the connection is used, and the password is asked for first', async () => {
    const typed = ['secret'];
    const { connected, stdout } = await query(
      { askPassword: true, user: 'u', database: 'd' },
      { typed, sql: () => one },
    );

    expect(stdout.startsWith('Password: ')).toBe(true);
    expect(connected).toEqual([{ host: '10.0.0.1', port: 5432, user: 'u', password: 'secret', database: 'd' }]);
    expect((await query({ askPassword: true })).stderr).toBe('Aborted!\n');
  });
});
