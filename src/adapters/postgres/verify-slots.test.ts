import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { slotName } from '../../domain/names.ts';
import type { Instance } from './instance.ts';
import { isSafe, slotsSafeToUse } from './verify-slots.ts';

test.each([
  ['the primary keeps just what the copy needs', { kept: 700, there: 700, here: 700 }, true],
  ['it keeps more, and its own slot more still', { kept: 690, there: 680, here: 700 }, true],
  ['its own slot has gone on before it heard of the copy', { kept: 690, there: 695, here: 690 }, false],
  ['it keeps less than the copy needs', { kept: 700, there: 690, here: 699 }, false],
  ['it has not heard of the copy yet', { kept: undefined, there: 690, here: 699 }, false],
  ['there is no slot here', { kept: 690, there: 690, here: undefined }, false],
  ['transaction numbers go round', { kept: 4_294_967_290, there: 4_294_967_280, here: 5 }, true],
  ['and round the other way', { kept: 5, there: 4_294_967_290, here: 4_294_967_290 }, false],
])('%s', (_, xmin, expected) => {
  expect(isSafe(xmin)).toBe(expected);
});

test('a primary whose machine is gone in the midst of it is not waited for: the slots here wait for that', async () => {
  const sockets = new Set<Socket>();
  // It lets in whoever comes, and never answers a query.
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => socket.write(Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const rewind = { username: 'rewinder', password: null, connection: { sslmode: 'disable' } };
  const instance = { config: { postgres: { rewind } } } as unknown as Instance;
  const { port } = server.address() as AddressInfo;
  const from = { member: 'b', host: '127.0.0.1', port, database: 'postgres', applicationName: 'a' };

  const verify = { from, as: slotName('a'), names: [slotName('cdc')] };
  await expect(slotsSafeToUse(instance, verify)).rejects.toThrow();
}, 20_000);
