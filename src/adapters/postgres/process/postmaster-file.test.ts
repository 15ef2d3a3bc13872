import { expect, test } from 'vitest';
import { parsePostmasterFile } from './postmaster-file.ts';

test('what a running server says of itself is read', () => {
  const text = '4711\n/data\n1700000000\n5432\n/run/postgresql\nlocalhost\n  1 2\nready   \n';
  expect(parsePostmasterFile(text, '/data')).toEqual({
    pid: 4711,
    startedAtSeconds: 1_700_000_000,
    port: 5432,
    socketDirectory: '/run/postgresql',
    status: 'ready',
  });
});

test.each([
  ['.', '/data'],
  ['..', '/'],
  ['run', '/data/run'],
  ['@abstract', null],
])('a socket in %j is found from the data directory', (written, path) => {
  const text = `4711\n/data\n1700000000\n5432\n${written}\nlocalhost\n  1 2\nready   \n`;
  expect(parsePostmasterFile(text, '/data')).toMatchObject({ socketDirectory: path });
});

test('a file that is being written says what it can', () => {
  expect(parsePostmasterFile('4711\n/data\n1700000000\n5432\n\n', '/data')).toMatchObject({
    socketDirectory: null,
    status: null,
  });
});

test.each(['', 'garbage\n', '0\n'])('%j names no process', (text) => {
  expect(parsePostmasterFile(text, '/data')).toBeNull();
});
