import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
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

test('an agent that has no file handle left lives on, and hears that nothing could be started', async () => {
  const program = resolve('test/support/without-handles-process.ts');
  const line = 'ulimit -n 100; exec "$0" "$1"';
  const { stdout } = await promisify(execFile)('bash', ['-c', line, process.execPath, program]);
  expect(JSON.parse(stdout.split('\n')[1] ?? '')).toEqual({
    tool: { kind: 'unstartable', reason: expect.stringContaining('EMFILE') },
    guardian: null,
    said: [{ kind: 'lost', reason: expect.stringContaining('EMFILE') }],
  });
});
