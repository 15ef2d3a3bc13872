import { expect, test } from 'vitest';
import { findOrStartGuardian } from './find-or-start.ts';

test.each(['/etc/passwd/guardian', '/no/such/guardian'])('that %s cannot be started is told', async (command) => {
  const said: unknown[] = [];
  const program = { socketPath: '/no/such/socket', command, args: [], makeRoom: () => null, endStrays: () => [] };
  expect(await findOrStartGuardian(program, (report) => said.push(report))).toBeNull();
  expect(said).toEqual([{ kind: 'lost', reason: expect.stringContaining('could not be started') }]);
});

test('a guardian that is perhaps still there, as nobody could look, is a reason to start no other', async () => {
  const said: unknown[] = [];
  const endStrays = (): never => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  };
  const program = { socketPath: '/no/such/socket', command: '/bin/true', args: [], makeRoom: () => null, endStrays };
  expect(await findOrStartGuardian(program, (report) => said.push(report))).toBeNull();
  expect(said).toEqual([{ kind: 'lost', reason: expect.stringContaining('EMFILE') }]);
});

test('what keeps a guardian from listening is told in its own words', async () => {
  const said: unknown[] = [];
  const args = ['-c', 'echo it cannot listen: no space; sleep 9'];
  const program = {
    socketPath: '/no/such/socket',
    command: '/bin/sh',
    args,
    makeRoom: () => null,
    endStrays: () => [],
  };
  expect(await findOrStartGuardian(program, (report) => said.push(report))).toBeNull();
  expect(said).toEqual([{ kind: 'lost', reason: 'no guardian: it cannot listen: no space' }]);
});

test('without a directory for its socket none is started, and why is told', async () => {
  const said: unknown[] = [];
  const makeRoom = () => 'others may write to it';
  const endStrays = (): never => expect.unreachable('nothing is ended for it either');
  const program = { socketPath: '/no/such/socket', command: '/bin/true', args: [], makeRoom, endStrays };
  expect(await findOrStartGuardian(program, (report) => said.push(report))).toBeNull();
  expect(said).toEqual([{ kind: 'lost', reason: 'no guardian: others may write to it' }]);
});
