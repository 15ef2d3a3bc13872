import { expect, test } from 'vitest';
import type { ToolOutcome } from '../process/tool.ts';
import { archiveFor, withMissingWal } from './rewind-archive.ts';

const inside = { dataDir: '/d', configDir: '/d', command: 'cp /a/%f %p' };
const outside = { ...inside, configDir: '/etc/pg' };

test.each([
  [
    'PG-63: pg_rewind fetches WAL itself',
    { ...inside, major: 13 },
    { kind: 'itself', options: ['--restore-target-wal'] },
  ],
  [
    'from version 15 on also with the configuration elsewhere',
    { ...outside, major: 15 },
    { kind: 'itself', options: ['--restore-target-wal', '--config-file=/etc/pg/postgresql.conf'] },
  ],
  ['PG-63: before that it is fetched for it', { ...outside, major: 14 }, { kind: 'by-us', command: 'cp /a/%f %p' }],
  ['without an archive there is nothing to fetch', { ...inside, major: 16, command: '' }, { kind: 'none' }],
])('%s', (_rule, given, expected) => {
  expect(archiveFor(given)).toEqual(expected);
});

const A = '00000001000000000000000A';
const B = '00000001000000000000000B';
const misses = (segment: string): ToolOutcome => ({
  kind: 'exited',
  code: 1,
  stdout: '',
  stderr: `pg_rewind: error: could not open file "/d/pg_wal/${segment}": No such file or directory\n`,
});
const done: ToolOutcome = { kind: 'exited', code: 0, stdout: '', stderr: '' };

async function tried(outcomes: readonly ToolOutcome[], has: readonly string[]) {
  const left = [...outcomes];
  const fetched: string[] = [];
  const last = await withMissingWal(
    () => Promise.resolve(left.shift() ?? done),
    (segment) => {
      fetched.push(segment);
      return Promise.resolve(has.includes(segment));
    },
  );
  return { last, fetched, notRun: left.length };
}

test('PG-63: each missing segment is fetched, and pg_rewind run again', async () => {
  expect(await tried([misses(A), misses(B), done], [A, B])).toEqual({ last: done, fetched: [A, B], notRun: 0 });
});

test('what the archive does not have ends it, and so does one that is missing again', async () => {
  expect(await tried([misses(A), done], [])).toEqual({ last: misses(A), fetched: [A], notRun: 1 });
  expect(await tried([misses(A), misses(A), done], [A])).toEqual({ last: misses(A), fetched: [A], notRun: 1 });
});

test('another failure is final', async () => {
  const other: ToolOutcome = { kind: 'exited', code: 1, stdout: '', stderr: 'pg_rewind: error: could not connect' };
  expect(await tried([other], [A])).toEqual({ last: other, fetched: [], notRun: 0 });
});
