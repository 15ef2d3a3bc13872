/** The command line's way to the store: the gateway while it answers, the careful client for the rest. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOperatorStore } from '../../src/adapters/etcd/create-operator-store.ts';
import { readByGateway } from '../../src/adapters/etcd/gateway.ts';
import type { StoreConfig } from '../../src/domain/agent-config.ts';
import { seconds } from '../../src/domain/time.ts';
import type { OperatorStore } from '../../src/ports/store.ts';
import { Etcd } from '../support/etcd.ts';
import { clientOf, clock, configOf } from './etcd-world.ts';

const LIMIT = seconds(10);
const prefix = '/service/shop/';
const stores: OperatorStore[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((each) => each.close()));
});

function operatorStore(config: StoreConfig, at = prefix): OperatorStore {
  const store = createOperatorStore({ config, prefix: at, clock });
  stores.push(store);
  return store;
}

async function careful(etcd: Etcd, config: Partial<StoreConfig> = {}) {
  const store = clientOf(etcd, { config });
  try {
    const { term: _term, ...outcome } = { term: 0n, ...(await store.read('everything', LIMIT)) };
    return outcome;
  } finally {
    await store.close();
  }
}

describe('a plain store', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await Etcd.start({ members: 1 });
    await etcd.ctl('put', `${prefix}members/é`, '{"state":"running"}');
    await etcd.ctl('put', `${prefix}initialize`, '');
    await etcd.ctl('put', '/service/shop2/leader', 'x');
    const lease = /lease (\w+)/.exec(await etcd.ctl('lease', 'grant', '600'))?.[1] ?? '';
    await etcd.ctl('put', `${prefix}leader`, 'n1', `--lease=${lease}`);
  });
  afterAll(() => etcd.stop());

  test('the gateway shows what the careful client shows', async () => {
    const read = await readByGateway({ config: configOf(etcd), prefix }, LIMIT);

    expect(read).toMatchObject({ kind: 'read' });
    expect(read).toEqual(await careful(etcd));
    expect(read?.pairs.map(({ key }) => key)).toEqual(['initialize', 'leader', 'members/é']);
  });

  test('an endpoint that refuses, and one that is no etcd, cost nothing but the way round', async () => {
    const stranger = createServer((_request, response) => response.writeHead(404).end('{}')).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const nowhere = `127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    for (const first of ['127.0.0.1:1', nowhere]) {
      const config = { ...configOf(etcd), endpoints: [first, ...etcd.endpoints] };
      expect(await readByGateway({ config, prefix }, LIMIT)).toBeNull();
      expect(await operatorStore(config).read('everything', LIMIT)).toMatchObject({ kind: 'read' });
    }
    stranger.close();
  });

  test('everything of one cluster is removed, and nothing of another', async () => {
    const other = '/service/gone/';
    await etcd.ctl('put', `${other}leader`, 'n1');
    await etcd.ctl('put', `${other}members/n1`, '{}');
    const store = operatorStore(configOf(etcd), other);

    expect(await store.removeEverything(LIMIT)).toMatchObject({ kind: 'written' });
    expect(await store.read('everything', LIMIT)).toMatchObject({ pairs: [] });
    expect(await etcd.ctl('get', '/service/shop2/leader')).toContain('x');
  });
});

describe('a store behind TLS', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await Etcd.start({ members: 1, tls: 'mutual' });
  });
  afterAll(() => etcd.stop());

  test('the gateway is trusted by the configured authority, and by no other', async () => {
    const config = configOf(etcd);

    expect(await readByGateway({ config, prefix }, LIMIT)).toMatchObject({ kind: 'read' });
    const untrusting = { ...config, tls: { ...config.tls, caFile: null } };
    expect(await readByGateway({ config: untrusting, prefix }, LIMIT)).toBeNull();
    expect(await operatorStore(untrusting).read('everything', LIMIT)).toMatchObject({ kind: 'no-answer' });
  });
});

describe('a store with authentication', () => {
  const user = { name: 'shop', password: 'shop-secret', prefix };
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await Etcd.start({ members: 1 });
    await etcd.enableAuth(user);
  });
  afterAll(() => etcd.stop());

  test('the gateway lets in who may, and the careful client says who may not', async () => {
    const config = { ...configOf(etcd), username: user.name, password: user.password };

    expect(await readByGateway({ config, prefix }, LIMIT)).toMatchObject({ kind: 'read' });
    const wrong = { ...config, password: 'wrong' };
    expect(await readByGateway({ config: wrong, prefix }, LIMIT)).toBeNull();
    expect(await operatorStore(wrong).read('everything', LIMIT)).toMatchObject({ kind: 'refused' });
  });
});
