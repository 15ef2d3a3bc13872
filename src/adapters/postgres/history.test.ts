import { expect, test } from 'vitest';
import { parseHistory } from './history.ts';

test('a history file is read line by line, comments skipped', () => {
  const text = '# a comment\n1\t0/3000000\tno recovery target specified\n\n2\t0/5000060\tbefore 2000-01-01\n';
  expect(parseHistory(3, text)).toEqual({
    of: 3,
    switches: [
      { parent: 1, switchedAt: 0x300_0000n, reason: 'no recovery target specified' },
      { parent: 2, switchedAt: 0x500_0060n, reason: 'before 2000-01-01' },
    ],
  });
});

test('timeline zero is no history', () => {
  expect(parseHistory(0, '')).toBeNull();
});
