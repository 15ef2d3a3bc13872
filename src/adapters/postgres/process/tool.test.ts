import { expect, test } from 'vitest';
import { firstCause } from './tool.ts';

test.each([
  [
    'a server that initdb ran',
    '2026-01-01 10:00:00.000 UTC [7] FATAL:  could not extend file "x": wrote only 4096 of 8192 bytes\n' +
      '2026-01-01 10:00:00.000 UTC [7] HINT:  Check free disk space.\n' +
      '2026-01-01 10:00:00.000 UTC [7] PANIC:  cannot abort transaction 1\nAborted\nchild process exited with exit code 134\n',
    'FATAL: could not extend file "x": wrote only 4096 of 8192 bytes; HINT: Check free disk space.',
  ],
  ['a tool', 'initdb: error: invalid locale name "xx"\n', 'invalid locale name "xx"'],
  ['what names no error', 'first\nlast\n', 'last'],
  ['silence', '', ''],
])('the cause in the words of %s', (_name, text, cause) => {
  expect(firstCause(text)).toBe(cause);
});
