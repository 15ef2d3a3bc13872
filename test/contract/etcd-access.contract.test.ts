import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { storeKey } from '../../src/domain/names.ts';
import type { StoreWrite } from '../../src/domain/store-write.ts';
import { seconds } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { Etcd } from '../support/etcd.ts';
import { until } from '../support/wait.ts';
import { type ClientOptions, clientOf } from './etcd-world.ts';
import { RecordingListener } from './recording-listener.ts';

const clients: Store[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.close()));
});

function client(etcd: Etcd, options: ClientOptions = {}): Store {
  const made = clientOf(etcd, options);
  clients.push(made);
  return made;
}

describe('the etcd store behind TLS', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await Etcd.start({ members: 1, tls: 'mutual' });
  });
  afterAll(async () => {
    await etcd.stop();
  });

  it('is reached with the authority and the client certificate that are configured', async () => {
    const store = client(etcd);
    expect(await store.write(put('status', '1'), LIMIT)).toMatchObject({ kind: 'written' });
    const lease = await store.grantLease(seconds(5), LIMIT);
    if (lease.kind !== 'granted') throw new Error(lease.reason);
    expect(await store.keepAlive(lease.lease, LIMIT)).toMatchObject({ kind: 'alive' });
  });

  it('is not reached without a client certificate', async () => {
    const tls = { caFile: etcd.certificates!.caFile, certFile: null, keyFile: null };
    expect(await client(etcd, { config: { tls } }).read('everything', LIMIT)).toMatchObject({ kind: 'no-answer' });
  });

  it('is not trusted without its authority', async () => {
    const { clientCertFile, clientKeyFile } = etcd.certificates!;
    const tls = { caFile: null, certFile: clientCertFile, keyFile: clientKeyFile };
    expect(await client(etcd, { config: { tls } }).read('everything', LIMIT)).toMatchObject({ kind: 'no-answer' });
  });

  it('gets no answer, and throws nothing, while a certificate cannot be read', async () => {
    const tls = { caFile: '/nonexistent/ca.crt', certFile: null, keyFile: null };
    const outcome = await client(etcd, { config: { tls } }).read('everything', LIMIT);
    expect(outcome).toMatchObject({ kind: 'no-answer' });
  });
});

describe('the etcd store behind TLS with a certificate for another address', () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await Etcd.start({ members: 1, tls: 'misnamed' });
  });
  afterAll(async () => {
    await etcd.stop();
  });

  it('is trusted by the name that the certificate bears, and not by the address that it does not', async () => {
    expect(await client(etcd).read('everything', LIMIT)).toMatchObject({ kind: 'no-answer' });
    const endpoints = etcd.endpoints.map((each) => each.replace('127.0.0.1', 'localhost'));
    expect(await client(etcd, { config: { endpoints } }).read('everything', LIMIT)).toMatchObject({ kind: 'read' });
  });
});

describe('the etcd store with authentication', () => {
  const user = { name: 'shop', password: 'shop-secret', prefix: '/service/shop/' };
  const login = { username: user.name, password: user.password };
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await Etcd.start({ members: 1 });
    const early = client(etcd, { config: login });
    expect(await early.write(put('status', 'early'), LIMIT)).toMatchObject({ kind: 'written' });
    await etcd.enableAuth(user);
    // A login that was not needed before is used as soon as it is.
    expect(await early.write(put('status', 'later'), LIMIT)).toMatchObject({ kind: 'written' });
  });
  afterAll(async () => {
    await etcd.stop();
  });

  it('answers one who may: calls, keep-alives and watch', async () => {
    const store = client(etcd, { config: login });
    const listener = new RecordingListener();
    store.watch(listener);
    const lease = await store.grantLease(seconds(5), LIMIT);
    if (lease.kind !== 'granted') throw new Error(lease.reason);
    expect(await store.keepAlive(lease.lease, LIMIT)).toMatchObject({ kind: 'alive' });
    expect(await store.write(put('leader', 'a'), LIMIT)).toMatchObject({ kind: 'written' });
    await until('the watch shows it', { withinMs: 10_000 }, () => listener.shows('leader', 'a'));
    expect(listener.silences).toEqual([]);
  });

  it.each([
    ['nobody in particular', { username: null, password: null }],
    ['a wrong password', { username: user.name, password: 'wrong' }],
    ['an unknown user', { username: 'stranger', password: 'x' }],
  ])('refuses %s, which is an answer', async (_who, config) => {
    const store = client(etcd, { config });
    const listener = new RecordingListener();
    store.watch(listener);
    expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'refused' });
    expect(await store.write(put('status', 'x'), LIMIT)).toMatchObject({ kind: 'refused' });
    await until('the watch says so', { withinMs: 10_000 }, () => listener.silences.length > 0);
    expect(listener.pictures).toEqual([]);
  });

  it('refuses what the role does not allow', async () => {
    const store = client(etcd, { config: login, prefix: '/service/other/' });
    expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'refused' });
    expect(await store.write(put('leader', 'x'), LIMIT)).toMatchObject({ kind: 'refused' });
  });

  it('gets a new token when the old one is no longer good, and the watch stays (C-64)', async () => {
    const store = client(etcd, { config: login });
    const listener = new RecordingListener();
    store.watch(listener);
    const lease = await store.grantLease(seconds(20), LIMIT);
    if (lease.kind !== 'granted') throw new Error(lease.reason);
    await until('a picture', { withinMs: 10_000 }, () => listener.pictures.length > 0);
    await etcd.voidTokens(user);
    expect(await store.write(put('leader', 'b'), LIMIT)).toMatchObject({ kind: 'written' });
    expect(await store.keepAlive(lease.lease, LIMIT)).toMatchObject({ kind: 'alive' });
    await until('the watch shows it', { withinMs: 10_000 }, () => listener.shows('leader', 'b'));
  });
});

const LIMIT = seconds(5);

function put(key: string, text: string): StoreWrite {
  return { key: storeKey(key), action: { kind: 'put', value: { kind: 'text', text }, lease: null }, when: [] };
}
