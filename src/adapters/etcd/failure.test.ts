import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { failureOf } from './failure.ts';

it.each([
  ['lease-gone', status.NOT_FOUND, 'etcdserver: requested lease not found'],
  ['token-refused', status.UNAUTHENTICATED, 'etcdserver: invalid auth token'],
  ['token-refused', status.INVALID_ARGUMENT, 'etcdserver: user name is empty'],
  ['token-refused', status.INVALID_ARGUMENT, 'etcdserver: revision of auth store is old'],
  ['refused', status.INVALID_ARGUMENT, 'etcdserver: authentication failed, invalid user ID or password'],
  ['refused', status.PERMISSION_DENIED, 'etcdserver: permission denied'],
  ['refused', status.RESOURCE_EXHAUSTED, 'etcdserver: mvcc: database space exceeded'],
  ['no-answer', status.UNAVAILABLE, 'etcdserver: request timed out'],
  ['no-answer', status.UNAVAILABLE, 'etcdserver: no leader'],
  ['no-answer', status.UNKNOWN, 'not a primary lessor'],
  ['no-answer', status.FAILED_PRECONDITION, 'etcdserver: rpc not supported for learner'],
  ['no-answer', status.DEADLINE_EXCEEDED, 'Deadline exceeded after 0.299s'],
  ['no-answer', status.CANCELLED, 'Cancelled on client'],
  ['no-answer', status.INTERNAL, 'Received RST_STREAM with code 2'],
  ['no-answer', 99, 'a code that nobody knows'],
])('reads %s from code %i, "%s" (spec/dcs.md 3.1.6)', (kind, code, details) => {
  expect(failureOf({ code, details }).kind).toBe(kind);
});

it('gives the same trouble the same words each time', () => {
  const reasons = ['0.299s,remote_addr=1', '0.301s,remote_addr=2'].map(
    (rest) => failureOf({ code: status.DEADLINE_EXCEEDED, details: `Deadline exceeded after ${rest}` }).reason,
  );
  expect(reasons[0]).toBe(reasons[1]);
});
