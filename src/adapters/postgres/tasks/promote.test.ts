import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { taskContext } from '../../../../test/support/postgres.ts';
import { instant, millis } from '../../../domain/time.ts';
import type { Instance } from '../instance.ts';
import { promote, whyNoLease } from './promote.ts';

const good = { deadline: instant(5_000), guardianReady: true, now: instant(1_000) };

test.each([
  ['a lease that lasts longer than the safety margin allows it', good, null],
  ['no lease, no promotion', { ...good, deadline: null }, 'no lease is held'],
  ['no guardian, no promotion', { ...good, guardianReady: false }, 'no guardian is ready to fence this server'],
  ['a lease that ends within the margin does not', { ...good, now: instant(4_001) }, 'the lease ends too soon'],
  ['a lease that ends right after the margin does', { ...good, now: instant(4_000) }, null],
])('%s', (_rule, lease, expected) => {
  expect(whyNoLease(lease, millis(1_000))).toBe(expected);
});

test('a server that is slow for a moment in the midst of its promotion is waited for: it was asked already', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'matriarch-promote-'));
  const sockets = new Set<Socket>();
  let isAsked = false;
  let isSlow = true;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => {
      socket.write(message('R', Buffer.alloc(4)));
      socket.write(READY);
      socket.on('data', (query) => {
        const answer = query.includes('pg_promote') ? 'x' : isAsked ? 'f' : 't';
        isAsked ||= answer === 'x';
        const isLate = answer === 'f' && isSlow;
        if (isLate) isSlow = false;
        setTimeout(() => socket.write(oneRow('in_recovery', answer)), isLate ? 2_500 : 0);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(dataDir, { recursive: true });
  });
  const superuser = { username: 'postgres', password: null, connection: { sslmode: 'disable' } };
  const { port } = server.address() as AddressInfo;
  const postgres = {
    dataDir,
    listenAddresses: '127.0.0.1',
    port,
    useUnixSocket: false,
    database: 'postgres',
    superuser,
  };
  const instance = { config: { postgres }, heartbeat: { session: null } } as unknown as Instance;

  expect(await promote(instance, { safety: millis(1_000) }, taskContext())).toEqual({ kind: 'done' });
});

/** A message of the protocol. */
function message(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(letter), length, body]);
}

const READY = message('Z', Buffer.from('I'));

/** One column of text. */
function oneRow(column: string, value: string): Buffer {
  const type = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0]);
  const described = message('T', Buffer.concat([Buffer.from([0, 1]), Buffer.from(`${column}\0`), type]));
  const row = message('D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0, value.length]), Buffer.from(value)]));
  return Buffer.concat([described, row, message('C', Buffer.from('SELECT 1\0')), READY]);
}
