import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { replica } from '../../test/support/observations.ts';
import { revision, storeKey } from '../domain/names.ts';
import type { Store } from '../ports/store.ts';
import { waitForOwnName } from './own-name.ts';

const { config } = replica().o;
const server = createServer((_request, response) => void response.write('and so on'));
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** What becomes of an agent whose name the store shows at this address. */
function namedAt(apiUrl: string) {
  const value = JSON.stringify({ conn_url: 'postgres://127.0.0.1:5432/postgres', api_url: apiUrl, state: 'running' });
  const at = revision(7n);
  const pair = { key: storeKey(`members/${config.name}`), value, lease: null, createRevision: at, modRevision: at };
  const store = { read: () => Promise.resolve({ kind: 'read', revision: at, pairs: [pair] }) } as unknown as Store;
  return waitForOwnName({ config, store, log: { write: () => undefined }, onSilence: () => undefined });
}

test('a name is taken when somebody answers under it, however long the answer is', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const apiUrl = `http://127.0.0.1:${port}/patroni`;
  expect(await namedAt(apiUrl)).toEqual({ kind: 'taken', apiUrl });
  await expect.poll(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(0);
});

test.for(['http://127.0.0.1:1/patroni', 'http://[fe80::1%eth0]:8008/patroni', '10.0.0.1:8008', 'ftp://a/', ''])(
  'it is free when nobody does, or nobody could: %s',
  async (apiUrl) => {
    expect(await namedAt(apiUrl)).toEqual({ kind: 'free' });
  },
);
