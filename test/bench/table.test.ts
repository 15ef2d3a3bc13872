import { expect, test } from 'vitest';
import { median, table } from './table.ts';

test('the median is the middle one, or the mean of the middle two', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow();
});

test('a median above its limit is marked', () => {
  const line = { agent: 'x 1', ttl: 5, name: 'kill', limitS: 2, late: 0, lost: null };
  expect(table([{ ...line, seconds: [3] }])).toContain('2.00 !');
  expect(table([{ ...line, seconds: [1] }])).not.toContain('!');
});
