import { expect, test } from 'vitest';
import { repeatOf } from './watch-options.ts';

test.each([
  ['CTL-19: -w 0 is once', { W: false, watch: 0 }, { kind: 'once' }],
  ['-W is every two seconds', { W: true, watch: 0 }, { kind: 'every', milliseconds: 2_000 }],
  ['-w beats it, and may have a fraction', { W: true, watch: 0.5 }, { kind: 'every', milliseconds: 500 }],
  [
    'a month is as long as a timer can be',
    { W: false, watch: 2_592_000 },
    { kind: 'every', milliseconds: 2_147_483_647 },
  ],
] as const)('%s', (_what, given, expected) => {
  expect(repeatOf(given)).toEqual(expected);
});
