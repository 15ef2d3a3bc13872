import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { letPass, until } from '../../../test/support/wait.ts';
import { millis } from '../../domain/time.ts';
import { Connection } from './connection.ts';
import { KnownNames } from './known-names.ts';
import { methods } from './rpc-methods.ts';

const LIMIT = millis(200);
const tls = { caFile: null, certFile: null, keyFile: null };
let server: Server;
/** What the store sees open. It never closes its side; that the other side is gone altogether shows when it writes. */
const open = new Set<Socket>();
let accepted = 0;
let greets = false;
let onAccepted = (): void => {};

beforeEach(async () => {
  accepted = 0;
  greets = false;
  onAccepted = () => {};
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1;
    open.add(socket);
    let writing: NodeJS.Timeout | undefined;
    socket.on('end', () => {
      writing = setInterval(() => socket.write(EMPTY_SETTINGS), 20);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(writing);
      open.delete(socket);
    });
    socket.resume();
    if (greets) socket.write(EMPTY_SETTINGS);
    onAccepted();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  for (const socket of open) socket.destroy();
  server.close();
});

test.for(['http', 'https'] as const)(
  'a connection over %s to a store that accepts and says nothing leaves no socket behind when it is given up',
  async (protocol) => {
    const connection = connectionTo(protocol);
    const up = connection.up(LIMIT);
    await until('it was accepted', { withinMs: 2_000, everyMs: 1 }, () => open.size === 1);
    expect(await up).not.toBeNull();
    connection.close('given up');
    await untilNoneIsOpen();
  },
);

test.for(['http', 'https'] as const)(
  'nor does one over %s that is given up in the moment it is accepted',
  async (protocol) => {
    const connection = connectionTo(protocol);
    const isAccepted = new Promise<void>((resolve) => {
      onAccepted = () => {
        connection.close('given up');
        resolve();
      };
    });
    expect(await connection.up(LIMIT)).not.toBeNull();
    await isAccepted;
    await untilNoneIsOpen();
  },
);

test('one that is given up while somebody waits for it does not connect again', async () => {
  const connection = connectionTo('http');
  onAccepted = () => connection.close('given up');
  expect(await connection.up(millis(5_000))).toBe('closed');
  await letPass(300);
  expect(accepted).toBe(1);
  await untilNoneIsOpen();
});

test('one that was up and fell silent is closed when nobody waits for an answer any more', async () => {
  greets = true;
  const connection = connectionTo('http');
  expect(await connection.up(millis(5_000))).toBeNull();
  const asked = connection.unary(methods.memberList, {}, { limit: LIMIT, token: null });
  connection.close('given up');
  expect(open.size).toBe(1);
  expect(await asked).toMatchObject({ kind: 'failed' });
  await untilNoneIsOpen();
});

test('a name server that is slower than a connection may be, or away later, keeps nobody from the store', async () => {
  greets = true;
  const answers = [Promise.withResolvers<readonly string[]>(), Promise.withResolvers<readonly string[]>()];
  const names = new KnownNames(() => answers.shift()!.promise);
  const [slow] = answers;
  expect(await connectionTo('http', { host: 'etcd1', names }).up(LIMIT)).toContain('etcd1');
  slow!.resolve(['::1', '127.0.0.1']);
  for (const _ of ['the first that finds it', 'one while the name server is away']) {
    const connection = connectionTo('http', { host: 'etcd1', names });
    expect(await connection.up(millis(5_000))).toBeNull();
    connection.close('done');
  }
});

test('where nobody listens, that is said at once, and the name is asked for once', async () => {
  let asked = 0;
  const names = new KnownNames(() => {
    asked += 1;
    return Promise.resolve(['127.0.0.1']);
  });
  const connection = connectionTo('http', { host: 'etcd1', names });
  await new Promise((resolve) => server.close(resolve));
  expect(await connection.up(millis(5_000))).toContain('ECONNREFUSED');
  connection.close('done');
  expect(asked).toBe(1);
});

function connectionTo(
  protocol: 'http' | 'https',
  { host, names } = { host: '127.0.0.1', names: new KnownNames() },
): Connection {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return new Connection({ endpoint: { protocol, address: `${host}:${port}` }, tls, names });
}

function untilNoneIsOpen(): Promise<true> {
  return until('the socket is closed', { withinMs: 2_000 }, () => open.size === 0);
}

/** HTTP/2: a frame of length 0, type 4. */
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
