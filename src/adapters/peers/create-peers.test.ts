import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { memberName } from '../../domain/names.ts';
import { instant, millis, wallTime } from '../../domain/time.ts';
import { createPeers } from './create-peers.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const clock = { now: () => instant(1_000), wallNow: () => wallTime(0), suspended: () => 0 };
const client = { tls: { caFile: null, certFile: null, keyFile: null }, insecure: false, auth: null };
const ample = millis(10_000);

async function listening(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/patroni` : '';
}

function serving(listener: RequestListener): Promise<string> {
  return listening(createServer(listener));
}

function ask(apiUrl: string, { limit = ample, auth = null as { username: string; password: string } | null } = {}) {
  return createPeers({ client: { ...client, auth }, clock }).ask({ member: memberName('n2'), apiUrl }, limit);
}

test('a standby that answers 503 with its positions has answered', async () => {
  const status = {
    state: 'running',
    role: 'replica',
    xlog: { received_location: 20, replayed_location: 10 },
    timeline: 3,
  };
  const url = await serving((_request, response) => response.writeHead(503).end(JSON.stringify(status)));

  expect(await ask(url)).toMatchObject({
    kind: 'reported',
    member: 'n2',
    askedAt: 1_000,
    recovery: 'standby',
    position: 20n,
  });
});

test('the configured credentials go with the question, and the path is the one published', async () => {
  const seen: unknown[] = [];
  const url = await serving((request, response) => {
    seen.push(request.url, request.headers.authorization);
    response.end('{}');
  });
  await ask(url, { auth: { username: 'u', password: 'p' } });

  expect(seen).toEqual(['/patroni', `Basic ${Buffer.from('u:p').toString('base64')}`]);
});

test.each([
  ['a port where nobody listens', 'http://127.0.0.1:1/patroni'],
  ['a name that does not exist', 'http://name.invalid/patroni'],
  ['something that is no URL', 'n2:8008'],
  ['another protocol', 'ftp://127.0.0.1/patroni'],
])('%s is no answer', async (_case, url) => {
  expect(await ask(url)).toMatchObject({ kind: 'no-answer', member: 'n2', askedAt: 1_000 });
});

test('a peer that accepts and stays silent is no answer once the limit is over', async () => {
  const url = await listening(createTcpServer());

  expect(await ask(url, { limit: millis(50) })).toMatchObject({ kind: 'no-answer' });
});

test('a peer that stops in the middle of its answer is no answer once the limit is over', async () => {
  const url = await serving((_request, response) => response.writeHead(200, { 'Content-Length': 100 }).write('{'));

  expect(await ask(url, { limit: millis(200) })).toMatchObject({ kind: 'no-answer' });
});

test('a body without end is cut off', async () => {
  const url = await serving((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });

  expect(await ask(url)).toMatchObject({ kind: 'no-answer', reason: expect.stringContaining('bytes') });
});
