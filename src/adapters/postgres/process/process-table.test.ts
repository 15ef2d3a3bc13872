import { expect, test } from 'vitest';
import { parseStat } from './process-table.ts';

const tail = ['S', '1', '100', '100', '0', ...Array<string>(14).fill('0'), '4711', '0'].join(' ');

test('a process whose name has blanks and parentheses is read', () => {
  expect(parseStat(9, `9 (a) b (c)) ${tail}`)).toEqual({ pid: 9, parent: 1, startTicks: 4711, hasTerminal: false });
});

test('a zombie is no process any more', () => {
  expect(parseStat(9, `9 (postgres) ${tail.replace('S', 'Z')}`)).toBeNull();
});
