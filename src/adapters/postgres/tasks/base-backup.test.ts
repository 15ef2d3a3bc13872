import { expect, test } from 'vitest';
import { basebackupOptions } from './base-backup.ts';

test.each([
  ['a copy does not wait for the next checkpoint', 15, [], ['--checkpoint=fast']],
  ['unless it is told to', 15, ['--checkpoint=spread'], ['--checkpoint=spread']],
  [
    'the server may compress from version 15 on',
    15,
    ['--compress=server-gzip'],
    ['--checkpoint=fast', '--compress=server-gzip'],
  ],
  ['older ones cannot', 14, ['--compress=server-gzip'], ['--checkpoint=fast']],
  ['we never do', 16, ['--compress=gzip', '--max-rate=1M'], ['--checkpoint=fast', '--max-rate=1M']],
])('%s', (_rule, major, options, expected) => {
  expect(basebackupOptions(options, major)).toEqual(expected);
});
