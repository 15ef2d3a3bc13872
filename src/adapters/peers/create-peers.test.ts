import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { memberName } from '../../domain/names.ts';
import { instant, type Millis, millis, wallTime } from '../../domain/time.ts';
import { createPeers } from './create-peers.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Of the wall; it begins at 1,000. */
const begin = Date.now() - 1_000;
const clock = { now: () => instant(Date.now() - begin), wallNow: () => wallTime(0), suspended: () => 0 };
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

function ask(
  apiUrl: string,
  { limit = ample, maxAge = null as Millis | null, auth = null as { username: string; password: string } | null } = {},
) {
  return createPeers({ client: { ...client, auth }, clock }).ask(
    { member: memberName('n2'), apiUrl },
    { limit, maxAge },
  );
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
    askedAt: expect.any(Number),
    recovery: 'standby',
    position: 20n,
  });
});

test('a peer that looked at its PostgreSQL too long ago is asked again until it has', async () => {
  const ages = [900, 900, 15];
  const url = await serving((_request, response) => {
    const xlog = { received_location: 20, replayed_location: ages.length };
    response.setHeader('X-Matriarch-Looked-Ms-Ago', String(ages.shift() ?? 0));
    response.end(JSON.stringify({ role: 'replica', xlog }));
  });

  expect(await ask(url, { maxAge: millis(200) })).toMatchObject({ kind: 'reported', lookedAgo: 15 });
  expect(ages).toEqual([]);
});

test('one that never does has answered all the same, and one that does not say so is not asked again', async () => {
  let asked = 0;
  const body = { role: 'replica', xlog: { received_location: 20, replayed_location: 20 } };
  const old = await serving((_request, response) => {
    response.setHeader('X-Matriarch-Looked-Ms-Ago', '900');
    response.end(JSON.stringify(body));
  });
  const silent = await serving((_request, response) => {
    asked += 1;
    response.end(JSON.stringify(body));
  });

  const patience = { limit: millis(300), maxAge: millis(200) };
  expect(await ask(old, patience)).toMatchObject({ kind: 'reported', lookedAgo: 900 });
  expect(await ask(silent, patience)).toMatchObject({ kind: 'reported', lookedAgo: null });
  expect(asked).toBe(1);
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
  expect(await ask(url)).toMatchObject({ kind: 'no-answer', member: 'n2' });
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
