import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { millis } from '../../domain/time.ts';
import { createAgentApi } from './create-agent-api.ts';

const open: (Server | TcpServer)[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const access = { insecure: false, caFile: null, certFile: null, keyFile: null, keyPassword: null, auth: null };

async function listening(server: Server | TcpServer): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answering(body: string) {
  const server = createServer((_request, response) => response.end(body));
  const port = await listening(server);
  const call = { apiUrl: `http://127.0.0.1:${port}/patroni`, method: 'GET', path: '/events', body: null } as const;
  return createAgentApi(access).call(call, millis(20_000));
}

test('a thousand events of an agent are an answer', async () => {
  const event = JSON.stringify({ event: 'decision', facts: { because: 'x'.repeat(900) } });
  const body = `[${Array.from({ length: 1_000 }, () => event).join(', ')}]`;

  expect(await answering(body)).toMatchObject({ kind: 'answered', body });
});

test('what has no end is none', async () => {
  expect(await answering('x'.repeat(20 * 1024 * 1024))).toMatchObject({ kind: 'no-answer' });
});

test('who accepts no connection is given up long before who is slow to answer', async () => {
  const silent: Socket[] = [];
  const server = createTcpServer((socket) => silent.push(socket));
  const port = await listening(server);
  const call = { apiUrl: `https://127.0.0.1:${port}/patroni`, method: 'POST', path: '/restart', body: {} } as const;
  const reply = await createAgentApi(access, millis(20)).call(call, millis(3_000));
  for (const socket of silent) socket.destroy();

  expect(reply).toEqual({ kind: 'no-answer', reason: 'no connection within 0.02 s' });
});

test('an answer may take longer than a connection', async () => {
  const server = createServer((_request, response) => void setTimeout(() => response.end('restarted'), 300));
  const port = await listening(server);
  const call = { apiUrl: `http://127.0.0.1:${port}/patroni`, method: 'POST', path: '/restart', body: {} } as const;

  expect(await createAgentApi(access, millis(250)).call(call, millis(20_000))).toMatchObject({ body: 'restarted' });
});
