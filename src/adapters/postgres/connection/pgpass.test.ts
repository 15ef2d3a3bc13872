import { expect, test } from 'vitest';
import { pgpassLines } from './pgpass.ts';

const credentials = { username: 'replicator', password: String.raw`p:a\ss`, connection: {} };
const server = { host: 'n1', port: 5432, database: 'postgres', credentials };

test('a password file has one line per host, with colons and backslashes escaped', () => {
  expect(pgpassLines({ ...server, host: 'n1,n2' })).toEqual([
    String.raw`n1:5432:*:replicator:p\:a\\ss`,
    String.raw`n2:5432:*:replicator:p\:a\\ss`,
  ]);
});

test('a socket directory is looked up as localhost', () => {
  expect(pgpassLines({ ...server, host: '/run/postgresql' }).at(-1)).toMatch(/^localhost:/);
});

test('no password, no lines', () => {
  expect(pgpassLines({ ...server, credentials: { ...credentials, password: null } })).toEqual([]);
});
