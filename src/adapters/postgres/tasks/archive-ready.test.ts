import { expect, test } from 'vitest';
import { archiveCommand } from './archive-ready.ts';

test.each([
  ['cp %p /a/%f', 'cp pg_wal/000000010000000000000002 /a/000000010000000000000002'],
  ['x %r 100%% %k', 'x 000000010000000000000001 100% %k'],
])('%j becomes a command for one segment', (command, expected) => {
  expect(archiveCommand(command, '000000010000000000000002')).toBe(expected);
});
