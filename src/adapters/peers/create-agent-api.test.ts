import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { millis } from '../../domain/time.ts';
import { createAgentApi } from './create-agent-api.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const access = { insecure: false, caFile: null, certFile: null, keyFile: null, keyPassword: null, auth: null };

async function answering(body: string) {
  const server = createServer((_request, response) => response.end(body));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
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
