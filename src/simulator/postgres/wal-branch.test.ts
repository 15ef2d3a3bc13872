import { expect, test } from 'vitest';
import { cameTo, firstBranch, nextBranch } from './wal-branch.ts';

const first = firstBranch('a');
const second = nextBranch(first, { position: 100, madeBy: 'b' });

test('who has not come to the branch that it follows is on an older one', () => {
  expect(cameTo(second, 99)).toBe(first);
  expect(cameTo(second, 100)).toBe(second);
});

test('promoted there it leaves the older one, and takes the next number', () => {
  expect(nextBranch(second, { position: 50, madeBy: 'c' })).toMatchObject({ timeline: 3, parent: first, forkedAt: 50 });
  expect(nextBranch(second, { position: 150, madeBy: 'c' })).toMatchObject({ timeline: 3, parent: second });
});
