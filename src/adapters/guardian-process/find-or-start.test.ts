import { expect, test } from 'vitest';
import { findOrStartGuardian } from './find-or-start.ts';

test.each(['/etc/passwd/guardian', '/no/such/guardian'])('that %s cannot be started is told', async (command) => {
  const said: unknown[] = [];
  const program = { socketPath: '/no/such/socket', command, args: [], endStrays: () => [] };
  expect(await findOrStartGuardian(program, (report) => said.push(report))).toBeNull();
  expect(said).toEqual([{ kind: 'lost', reason: expect.stringContaining('could not be started') }]);
});

test('a guardian that is perhaps still there, as nobody could look, is a reason to start no other', async () => {
  const said: unknown[] = [];
  const endStrays = (): never => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  };
  const program = { socketPath: '/no/such/socket', command: '/bin/true', args: [], endStrays };
  expect(await findOrStartGuardian(program, (report) => said.push(report))).toBeNull();
  expect(said).toEqual([{ kind: 'lost', reason: expect.stringContaining('EMFILE') }]);
});
