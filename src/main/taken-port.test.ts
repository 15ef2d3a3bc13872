import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { takenPort } from './taken-port.ts';

let other: Server | undefined;
afterEach(() => other?.close());

async function listen(host: string): Promise<number> {
  other = createServer().listen(0, host);
  await once(other, 'listening');
  const address = other.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test.each([
  ['its own address', '127.0.0.1', '127.0.0.1', '127.0.0.1'],
  ['one address of several', '127.0.0.1', '127.0.0.2,127.0.0.1', '127.0.0.1'],
  ['every address', '127.0.0.1', '*', '0.0.0.0'],
  ['every address, said by nothing', '127.0.0.1', '', '0.0.0.0'],
  ['localhost', '127.0.0.1', 'localhost', '127.0.0.1'],
  ['the one that listens everywhere', '0.0.0.0', '127.0.0.1', '127.0.0.1'],
])('a port is taken for who wants %s', async (_name, theirs, hosts, taken) => {
  const port = await listen(theirs);
  expect(await takenPort({ hosts, port })).toBe(`${taken}:${port}`);
});

test('a port is free on another address, and when the other is gone', async () => {
  const port = await listen('127.0.0.1');
  expect(await takenPort({ hosts: '127.0.0.2', port })).toBeNull();
  other?.close();
  expect(await takenPort({ hosts: '*', port })).toBeNull();
});

test('an address that is not of this machine, or a name, is left to the server', async () => {
  const port = await listen('127.0.0.1');
  expect(await takenPort({ hosts: '192.0.2.1,some.host.example', port })).toBeNull();
});
