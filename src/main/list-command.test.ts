import { expect, test } from 'vitest';
import { placeOfTime } from './list-command.ts';

test.each([
  ['not asked for', { timestamp: false, json: true }, null],
  ['before a table, and before what -f json prints', { timestamp: true, json: false }, 'stdout'],
  ['beside --json, which prints nothing but JSON', { timestamp: true, json: true }, 'stderr'],
])('the time is %s', (_what, given, expected) => {
  expect(placeOfTime(given)).toBe(expected);
});
