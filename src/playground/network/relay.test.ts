import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePorts } from '../stage/free-ports.ts';
import { Relay } from './relay.ts';

/** A server that answers each piece with itself, a relay before it, and a switch. */
let echo: Server;
let accepted: Socket[];
let port: number;
let relay: Relay<'somebody'>;
let isHeld: boolean;

beforeEach(async () => {
  accepted = [];
  isHeld = false;
  echo = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => {}).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  [port = 0] = await freePorts(1);
  const rules = { askerOf: () => 'somebody' as const, holds: () => isHeld };
  relay = await Relay.open({ port, target: (echo.address() as AddressInfo).port, rules });
});

afterEach(async () => {
  await relay.close();
  echo.close();
});

function set(held: boolean): void {
  isHeld = held;
  relay.review();
}

async function client(): Promise<{ socket: Socket; heard: () => string; until: (text: string) => Promise<void> }> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  await once(socket, 'connect');
  const until = async (text: string): Promise<void> => {
    while (heard !== text) await once(socket, 'data');
  };
  return { socket, heard: () => heard, until };
}

test('what is said arrives, in both directions, and an end ends both sides', async () => {
  const { socket, until } = await client();
  socket.write('hello');
  await until('hello');
  socket.end();
  await once(socket, 'close');
  expect(accepted[0]?.readableEnded).toBe(true);
});

test('a held connection stays open and passes nothing; all of it arrives once it is released', async () => {
  const held = await client();
  held.socket.write('before ');
  await held.until('before ');
  set(true);
  held.socket.write('during ');
  // One that goes round meanwhile on another path shows that time has passed for the first one, too.
  const beside = connect((echo.address() as AddressInfo).port, '127.0.0.1');
  beside.write('round');
  await once(beside, 'data');
  beside.destroy();
  expect(held.heard()).toBe('before ');
  expect(held.socket.destroyed).toBe(false);

  set(false);
  await held.until('before during ');
});

test('a new connection while it is held is accepted and answered later', async () => {
  set(true);
  const { socket, until } = await client();
  socket.write('late');
  expect(accepted).toHaveLength(0);
  set(false);
  await until('late');
});

test('that one side broke is not told while it is held', async () => {
  const { socket, until } = await client();
  socket.write('x');
  await until('x');
  set(true);
  const [far] = accepted;
  far?.resetAndDestroy();
  await once(far!, 'close');
  expect(socket.closed).toBe(false);
  set(false);
  socket.write('y');
  await once(socket, 'close');
});

test('what a target had sent when it died behind a cut never arrives', async () => {
  const { socket, heard, until } = await client();
  socket.write('alive ');
  await until('alive ');
  set(true);
  accepted[0]?.write('in flight');
  const gone = new Promise((resolve) => accepted[0]?.once('close', resolve));
  relay.loseTarget();
  await gone;
  expect(socket.closed).toBe(false);
  set(false);
  await once(socket, 'close');
  expect(heard()).toBe('alive ');
});

test('all that was said before an end arrives, however much it is', async () => {
  const { socket, heard } = await client();
  const much = 'x'.repeat(5_000_000);
  socket.end(much);
  await once(socket, 'close');
  expect(heard().length).toBe(much.length);
});

test('while the target does not listen, whoever comes is refused; who is there stays', async () => {
  const { socket, until } = await client();
  await relay.follow('does-not');
  const refused = connect(port, '127.0.0.1');
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
  socket.write('still here');
  await until('still here');

  await relay.follow('listens');
  const again = await client();
  again.socket.write('again');
  await again.until('again');
});

test('a target that does not listen breaks the connection', async () => {
  echo.close();
  const { socket } = await client();
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});
