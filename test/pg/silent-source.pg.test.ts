/** A server that lets us in and then says nothing more: its host is gone, or its processes stand still. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Upstream } from '../../src/domain/desired-postgres.ts';
import { slotName } from '../../src/domain/names.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';

const NO_TLS = 'N';
/** Authentication is over; ready for a query. */
const WELCOME = Buffer.from('520000000800000000' + '5a0000000549', 'hex');
const SSL_REQUEST_BYTES = 8;

let a: RealMember;
let silent: Server;
let from: Upstream;
const open = new Set<Socket>();

beforeEach(async () => {
  becomeOrdinaryUser();
  a = await realMember('a');
  silent = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    const answer = (first: Buffer): void => {
      if (first.length > SSL_REQUEST_BYTES) socket.write(WELCOME);
      else socket.once('data', answer).write(NO_TLS);
    };
    socket.once('data', answer);
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  from = { ...a.upstream(a.name), host: '127.0.0.1', port };
});

afterEach(async () => {
  for (const socket of open) socket.destroy();
  silent.close();
  await a.end();
});

test('a rewind that waits for its checkpoint can be cancelled', async () => {
  const cancel = new AbortController();
  const task = { kind: 'rewind', from, options: [], patience: seconds(10), checkpointFirst: true } as const;
  const running = a.postgres.run(task, taskContext({ signal: cancel.signal }));
  await expect.poll(() => open.size, { timeout: 10_000 }).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  cancel.abort();
  expect(await running).toEqual({ kind: 'cancelled' });
  await expect.poll(() => open.size).toBe(0);
}, 15_000);

test('slots that it does not tell of are not waited for', async () => {
  const slots = [{ name: slotName('s'), database: 'postgres', plugin: 'test_decoding' }];
  const limits = { stopTimeout: seconds(1), timeout: millis(1_000) };
  const task = { kind: 'copy-slots', from, slots, desired: desired(null), ...limits } as const;
  expect(await a.postgres.run(task, taskContext())).toMatchObject({ kind: 'failed' });
  await expect.poll(() => open.size).toBe(0);
}, 15_000);
