import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import { millis } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, postgresBinDir, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

let folder = '';
const members: RealMember[] = [];
beforeAll(() => {
  becomeOrdinaryUser();
  folder = mkdtempSync(join(tmpdir(), 'matriarch-scripts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

async function member(...args: Parameters<typeof realMember>): Promise<RealMember> {
  const made = await realMember(...args);
  members.push(made);
  return made;
}

const withPasswords: DesiredPostgres = {
  ...desired(null),
  hba: ['host all all all scram-sha-256', 'host replication all all scram-sha-256'],
};

test('PG-44, PG-49: roles have their rights and passwords, and no password reaches the log of a server that logs everything', async () => {
  const a = await member('a');
  const chatty = {
    ...withPasswords,
    parameters: { ...withPasswords.parameters, log_statement: 'all', log_min_duration_statement: '0' },
  };
  expect(await a.postgres.run({ kind: 'bootstrap', desired: chatty }, taskContext())).toMatchObject({ kind: 'done' });

  const { postgres } = a.config;
  expect(existsSync(`${postgres.pgpassFile}.task`)).toBe(false);
  const roles = await sql(
    postgres,
    `SELECT rolname, rolsuper, rolreplication, rolcanlogin FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`,
  );
  expect(roles).toEqual([
    { rolname: 'postgres', rolsuper: true, rolreplication: true, rolcanlogin: true },
    { rolname: 'replicator', rolsuper: false, rolreplication: true, rolcanlogin: true },
    { rolname: 'rewinder', rolsuper: false, rolreplication: false, rolcanlogin: true },
  ]);
  expect(await sql(postgres, `SELECT count(*)::int FROM pg_ls_dir('.', true, false)`, postgres.rewind)).toHaveLength(1);
  await expect(sql(postgres, 'SELECT 1', { ...postgres.superuser, password: 'wrong' })).rejects.toThrow();

  const log = readFileSync(a.logFile, 'utf8');
  expect(log).toContain('pg_roles');
  expect(log).not.toContain('-secret');
  expect(log).not.toContain('SCRAM-SHA-256$');
});

test('a password that the server refuses does not reach its log either', async () => {
  const a = await member('a');
  const strict = {
    ...withPasswords,
    parameters: { ...withPasswords.parameters, shared_preload_libraries: 'passwordcheck' },
  };
  const outcome = await a.postgres.run({ kind: 'bootstrap', desired: strict }, taskContext());
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'a role could not be created' });

  const log = readFileSync(a.logFile, 'utf8');
  expect(log).toContain('ERROR:');
  expect(log).not.toContain('-secret');
});

test('PG-46: post_bootstrap gets a connection string without a password, and can connect with it', async () => {
  const psql = join(postgresBinDir(), 'psql');
  const command = script(
    `#!/bin/sh\ntest "$PGOPTIONS" = '-c synchronous_commit=local -c statement_timeout=0' || exit 4\ntest "$1" = first && exec ${psql} "$2" -c 'CREATE TABLE made (x int)'\n`,
  );
  const a = await member('a', {}, { postBootstrap: `${command} first` });
  expect(await a.postgres.run({ kind: 'bootstrap', desired: withPasswords }, taskContext())).toMatchObject({
    kind: 'done',
  });
  expect(await sql(a.config.postgres, 'SELECT * FROM made')).toEqual([]);
});

test('a post_bootstrap that fails makes the bootstrap fail, with its last words', async () => {
  const command = script('#!/bin/sh\necho "given: $1" >&2\nexit 3\n');
  const a = await member('a', {}, { postBootstrap: command });
  const outcome = await a.postgres.run({ kind: 'bootstrap', desired: withPasswords }, taskContext());
  expect(outcome).toMatchObject({ kind: 'failed', detail: expect.stringContaining('given: dbname=postgres') });
  expect(JSON.stringify(outcome)).not.toContain('-secret');
});

test('PG-45: what a bootstrap that failed left counts as no cluster, and is set aside', async () => {
  const a = await member('a', {}, { postBootstrap: script('#!/bin/sh\nexit 1\n') });
  expect(await a.postgres.run({ kind: 'bootstrap', desired: withPasswords }, taskContext())).toMatchObject({
    kind: 'failed',
  });
  await a.postgres.run({ kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null }, taskContext());
  const { dataDir } = a.config.postgres;
  expect((await a.postgres.look(millis(3_000))).dataDirectory).toEqual({ kind: 'empty', unfinished: true });
  expect(await a.postgres.run({ kind: 'set-aside-data' }, taskContext())).toEqual({ kind: 'done' });
  expect(existsSync(join(`${dataDir}.failed`, 'PG_VERSION'))).toBe(true);
  expect((await a.postgres.look(millis(3_000))).dataDirectory).toEqual({ kind: 'empty' });
});

test('what cannot be moved, in a folder that is not ours to write, is no cluster any more, and stays', async () => {
  const above = join(folder, 'closed');
  const dataDir = join(above, 'data');
  mkdirSync(dataDir, { recursive: true });
  chmodSync(above, 0o555);
  const a = await member('a', { dataDir, configDir: dataDir }, { postBootstrap: script('#!/bin/sh\nexit 1\n') });
  await a.postgres.run({ kind: 'bootstrap', desired: withPasswords }, taskContext());
  await a.postgres.run({ kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null }, taskContext());
  expect((await a.postgres.look(millis(3_000))).dataDirectory.kind, 'no mark can be made').toBe('present');
  expect(await a.postgres.run({ kind: 'set-aside-data' }, taskContext())).toEqual({ kind: 'done' });
  expect((await a.postgres.look(millis(3_000))).dataDirectory).toMatchObject({ holdsNoCluster: true });
  expect(existsSync(join(dataDir, 'global', 'pg_control'))).toBe(true);
  chmodSync(above, 0o755);
});

test('initdb that fails says why, and nothing runs', async () => {
  const a = await member('a', {}, { initdbOptions: ['--encoding=nonsense'] });
  const outcome = await a.postgres.run({ kind: 'bootstrap', desired: withPasswords }, taskContext());
  expect(outcome).toMatchObject({ kind: 'failed', detail: expect.stringContaining('nonsense') });
});

test('lines of bootstrap.pg_hba count while nobody else says what pg_hba.conf holds', async () => {
  const a = await member('a', {}, { pgHba: ['host all nobody 10.0.0.0/8 reject'] });
  await a.postgres.run({ kind: 'bootstrap', desired: { ...desired(null), hba: null } }, taskContext());
  const [last] = await sql(
    a.config.postgres,
    'SELECT user_name, auth_method FROM pg_hba_file_rules ORDER BY line_number DESC',
  );
  expect(last).toEqual({ user_name: ['nobody'], auth_method: 'reject' });
});

function script(text: string): string {
  const path = join(folder, `script-${randomUUID()}`);
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}
