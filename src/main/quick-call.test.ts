import { expect, test } from 'vitest';
import { isQuickCall } from './quick-call.ts';

test.each([
  ['list', true],
  ['-c file list demo -f json', true],
  ['--dcs-url etcd3://h -k topology', true],
  ['-c list switchover', false],
  ['--config-file=file history', true],
  ['switchover list', false],
  ['lst', false],
  ['--help', false],
  ['', false],
])('%j starts quickly: %s', (line, expected) => {
  expect(isQuickCall(line.split(' ').filter((word) => word !== ''))).toBe(expected);
});
