import { expect, test } from 'vitest';
import { splitTarget } from './route.ts';

test.each([
  ['/primary;x=1', '/primary'],
  ['/a;b/primary;x;y', '/a;b/primary'],
  ['/primary;x/', '/primary;x/'],
  ['//primary;x=1?y#z', '/primary'],
  [';x', '/'],
  ['http://n1:8008/primary;x', '/primary'],
  ['http://n1:8008', '/'],
])('of %s the path is %s', (target, path) => {
  expect(splitTarget(target).path).toBe(path);
});

test('a target as long as any takes no longer than another: nobody holds up the agent with one', () => {
  const began = performance.now();
  splitTarget(`/${SEMICOLONS}/`);

  expect(performance.now() - began).toBeLessThan(100);
});

/** More than the head of a request may have, so that a slow machine is told from a slow pattern. */
const SEMICOLONS = ';'.repeat(64 * 1024);
