import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LeaseId, storeKey } from '../../src/domain/names.ts';
import type { StoreWrite } from '../../src/domain/store-write.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { Etcd } from '../support/etcd.ts';
import { until } from '../support/wait.ts';
import { type ClientOptions, clientOf } from './etcd-world.ts';
import { RecordingListener } from './recording-listener.ts';

/** What only several members show: which endpoint is used, left and returned to. */
describe('the etcd store on three members', () => {
  let etcd: Etcd;
  let store: Store;
  let answeredBy: string | null;
  const clients: Store[] = [];
  const client = (options: ClientOptions = {}): Store => {
    const made = clientOf(etcd, options);
    clients.push(made);
    return made;
  };
  /** The name of the member that answered last. */
  const member = (): string => {
    const name = answeredBy === null ? null : etcd.nameAt(answeredBy);
    if (name === null) throw new Error(`nobody has answered yet (${answeredBy})`);
    return name;
  };
  const remember = (url: string): void => {
    answeredBy = url;
  };

  beforeAll(async () => {
    etcd = await Etcd.start({ members: 3 });
  });
  afterAll(async () => {
    await etcd.stop();
  });
  beforeEach(async () => {
    await etcd.healthy();
    await etcd.ctl('del', '', '--from-key=true');
    answeredBy = null;
    store = client({ endpoint: remember });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((each) => each.close()));
  });

  const grant = async (): Promise<LeaseId> => {
    const outcome = await store.grantLease(seconds(20), LIMIT);
    if (outcome.kind !== 'granted') throw new Error(`no lease: ${outcome.reason}`);
    return outcome.lease;
  };
  const watching = async (): Promise<RecordingListener> => {
    const listener = new RecordingListener();
    listener.watch = store.watch(listener);
    await settled('a first picture', () => listener.pictures.length > 0);
    return listener;
  };

  it('moves watch, keep-alives and writes to another member when the one in use dies', async () => {
    const listener = await watching();
    const lease = await grant();
    await store.keepAlive(lease, LIMIT);
    const dead = member();
    await etcd.kill(dead);
    // The broken connection is known at once: the very next calls go elsewhere. The store may still be without a leader.
    await eventually('a write', async () => (await store.write(put('status', '1'), LIMIT)).kind === 'written');
    await eventually('a keep-alive', async () => (await store.keepAlive(lease, LIMIT)).kind === 'alive');
    expect(member()).not.toBe(dead);
    await settled('the watch shows the write', () => listener.shows('status', '1'));
    await etcd.revive(dead);
  });

  it('leaves a member that hangs after one late answer, and does not go back to it while others answer', async () => {
    const listener = await watching();
    const hung = member();
    await etcd.freeze(hung);
    try {
      expect(await store.write(put('status', 'lost?'), seconds(1))).toMatchObject({ kind: 'no-answer' });
      await eventually('a write', async () => (await store.write(put('status', '1'), seconds(2))).kind === 'written');
      expect(member()).not.toBe(hung);
      for (let round = 0; round < 5; round += 1) {
        store.switchEndpoint();
        expect(await store.read('everything', seconds(2))).toMatchObject({ kind: 'read' });
        expect(member()).not.toBe(hung);
      }
      await settled('the watch goes on elsewhere', () => listener.shows('status', '1'));
    } finally {
      etcd.thaw(hung);
    }
  });

  it('notices by the watch alone that its member hangs, and goes on with another', async () => {
    const [listener, writer] = [await watching(), client()];
    const hung = member();
    await etcd.freeze(hung);
    try {
      await settled('the silence', () => listener.silences.length > 0);
      await eventually('a write', async () => (await writer.write(put('status', '1'), seconds(2))).kind === 'written');
      await settled('the write', () => listener.shows('status', '1'));
      expect(member()).not.toBe(hung);
    } finally {
      etcd.thaw(hung);
    }
  });

  it('drops a keep-alive stream that was late, and renews elsewhere', async () => {
    const lease = await grant();
    expect(await store.keepAlive(lease, LIMIT)).toMatchObject({ kind: 'alive' });
    const hung = member();
    await etcd.freeze(hung);
    try {
      expect(await store.keepAlive(lease, seconds(1))).toMatchObject({ kind: 'no-answer' });
      await eventually('a renewal', async () => (await store.keepAlive(lease, seconds(2))).kind === 'alive');
    } finally {
      etcd.thaw(hung);
    }
  });

  it('goes on through a change of the leader', async () => {
    const listener = await watching();
    const lease = await grant();
    for (const name of etcd.names) {
      await etcd.moveLeader(name);
      await eventually('a write', async () => (await store.write(put('status', name), LIMIT)).kind === 'written');
      await eventually('a keep-alive', async () => (await store.keepAlive(lease, LIMIT)).kind === 'alive');
      await settled('the watch shows it', () => listener.shows('status', name));
    }
  });

  it('answers nothing without a quorum, and again when there is one', async () => {
    const listener = await watching();
    const used = member();
    const others = etcd.names.filter((name) => name !== used);
    for (const name of others) await etcd.kill(name);
    expect(await store.read('everything', seconds(2))).toMatchObject({ kind: 'no-answer' });
    expect(await store.write(put('status', '1'), seconds(2))).toMatchObject({ kind: 'no-answer' });
    await settled('the watch knows', () => listener.silences.length > 0);
    const before = listener.pictures.length;
    for (const name of others) await etcd.revive(name).catch(() => {});
    await eventually('a write', async () => (await store.write(put('status', '2'), LIMIT)).kind === 'written');
    await settled('the watch shows it', () => listener.pictures.length > before && listener.shows('status', '2'));
  });

  it('calls a resumed watch gapless when nothing at all has changed in the store', async () => {
    const listener = await watching();
    await store.write(put('status', '1'), LIMIT);
    await settled('the write', () => listener.shows('status', '1'));
    const before = listener.pictures.length;
    store.switchEndpoint();
    await settled('the resumed watch', () => listener.pictures.length > before);
    expect(listener.silences).toHaveLength(1);
    expect(listener.pictures.at(-1)).toMatchObject({ gapless: true });
  });

  it('calls it not gapless when it cannot know', async () => {
    // It has one member to go to: no picture of it can come between the silence and the write.
    const hung = etcd.names[0]!;
    const writer = client();
    store = client({ config: { endpoints: [etcd.endpointOf(hung)], useProxies: true } });
    const listener = await watching();
    await etcd.freeze(hung);
    try {
      await settled('the silence', () => listener.silences.length > 0);
      await eventually('a write', async () => (await writer.write(put('leader', 'b'), seconds(2))).kind === 'written');
    } finally {
      etcd.thaw(hung);
    }
    await settled('the write', () => listener.shows('leader', 'b'));
    expect(listener.pictures.find(({ pairs }) => pairs.length > 0)?.gapless).toBe(false);
  });

  it('lets what is under way end when the endpoint is switched', async () => {
    await store.read('everything', LIMIT);
    const write = store.write(put('status', '1'), LIMIT);
    const read = store.read('everything', LIMIT);
    store.switchEndpoint();
    // Let the two be sent; then leave the connection that they were sent on.
    await setImmediate();
    store.switchEndpoint();
    expect([(await write).kind, (await read).kind]).toEqual(['written', 'read']);
  });

  it('finds the other members by the one that is configured', async () => {
    const one = etcd.names[0]!;
    store = client({ config: { endpoints: [etcd.endpointOf(one)] }, endpoint: remember });
    await store.read('everything', LIMIT);
    // Any later answer: the list of members is fetched beside it.
    await eventually('another member', async () => {
      store.switchEndpoint();
      return (await store.read('everything', LIMIT)).kind === 'read' && member() !== one;
    });
  });

  it('stays with the configured endpoints when they are proxies', async () => {
    const one = etcd.names[0]!;
    store = client({ config: { endpoints: [etcd.endpointOf(one)], useProxies: true }, endpoint: remember });
    for (let round = 0; round < 5; round += 1) {
      expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'read' });
      expect(member()).toBe(one);
      store.switchEndpoint();
    }
  });

  it('loses no call to an endpoint that refuses or that accepts and says nothing', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const endpoints = ['127.0.0.1:1', `127.0.0.1:${port}`, ...etcd.endpoints];
      store = client({ config: { endpoints, useProxies: true }, endpoint: remember });
      expect(await store.read('everything', millis(2000))).toMatchObject({ kind: 'read' });
      expect(etcd.names).toContain(member());
    } finally {
      mute.close();
    }
  });

  it('comes back to a member that was away when the others are gone', async () => {
    await store.read('everything', LIMIT);
    const away = member();
    await etcd.kill(away);
    await eventually('a read', async () => (await store.read('everything', LIMIT)).kind === 'read');
    await etcd.revive(away);
    const now = member();
    await etcd.kill(now);
    await eventually('a read', async () => (await store.read('everything', LIMIT)).kind === 'read');
    const third = etcd.names.find((name) => name !== away && name !== now);
    expect([away, third]).toContain(member());
    await etcd.revive(now);
  });
});

const LIMIT = seconds(5);

function put(key: string, text: string): StoreWrite {
  return { key: storeKey(key), action: { kind: 'put', value: { kind: 'text', text }, lease: null }, when: [] };
}

async function settled(what: string, condition: () => boolean): Promise<void> {
  await until(what, { withinMs: 30_000, everyMs: 10 }, condition);
}

/** For what may fail while the store elects a leader: the caller of the port repeats, as the machine does. */
async function eventually(what: string, attempt: () => Promise<boolean>): Promise<void> {
  await until(`${what} is answered`, { withinMs: 30_000, everyMs: 20 }, attempt);
}
