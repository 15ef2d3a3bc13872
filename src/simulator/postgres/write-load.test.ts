import { expect, test } from 'vitest';
import { writtenBy } from './write-load.ts';

test('clients that always write write in proportion to time', () => {
  const load = { bytesPerMs: 5, busyMs: 10, idleMs: 0 };

  expect([0, 7, 1000].map((time) => writtenBy(load, time))).toEqual([0, 35, 5000]);
});

test('clients that write in bursts write nothing between two of them', () => {
  const load = { bytesPerMs: 5, busyMs: 10, idleMs: 30 };

  expect([4, 10, 25, 40, 41, 90].map((time) => writtenBy(load, time))).toEqual([20, 50, 50, 50, 55, 150]);
});
