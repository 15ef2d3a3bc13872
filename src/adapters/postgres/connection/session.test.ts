import { expect, test } from 'vitest';
import { sqlState } from './session.ts';

test.each([
  ['28P01', '28P01'],
  ['XX000', 'XX000'],
  ['EPIPE', null],
  ['EPERM', null],
  ['ECONNREFUSED', null],
])("a server's word is told from the system's: %s", (code, expected) => {
  expect(sqlState(Object.assign(new Error('x'), { code }))).toBe(expected);
});
