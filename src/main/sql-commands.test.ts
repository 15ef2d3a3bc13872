import { expect, test } from 'vitest';
import { sharedInput } from './sql-commands.ts';

test.each([
  ['statements of a pipe, and a password to be asked for', { password: true, file: '-' }, false, true],
  ['both typed', { password: true, file: '-' }, true, false],
  ['statements of a pipe', { password: false, file: '-' }, false, false],
  ['statements of a file, and the password of a pipe', { password: true, file: 'fix.sql' }, false, false],
  ['a statement as a word, and the password of a pipe', { password: true }, false, false],
])('%s', (_what, given, isTerminal, isRefused) => {
  expect(sharedInput(given, isTerminal) !== null).toBe(isRefused);
});
