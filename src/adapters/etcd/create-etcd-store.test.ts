import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { RecordingListener } from '../../../test/contract/recording-listener.ts';
import { type FakeBehaviour, FakeEtcd, header, type Streamed } from '../../../test/support/fake-etcd.ts';
import { monotonicMs, until } from '../../../test/support/wait.ts';
import { leaseId, storeKey } from '../../domain/names.ts';
import type { StoreWrite } from '../../domain/store-write.ts';
import { instant, millis, seconds, wallTime } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { createEtcdStore } from './create-etcd-store.ts';
import {
  Event_EventType,
  type KeyValue,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  type RangeResponse,
  type WatchRequest,
  type WatchResponse,
} from './rpc.generated.ts';

const LIMIT = seconds(5);
const SHORT = millis(300);
const LEASE = leaseId('7587890123456789012');
const fakes: FakeEtcd[] = [];
const stores: Store[] = [];
/** Why endpoints were left, as the log has it. */
const causes: unknown[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  for (const fake of fakes.splice(0)) fake.stop();
  causes.length = 0;
});

it('sends a write once, whatever becomes of it', async () => {
  let received = 0;
  const lose = { error: { code: status.UNAVAILABLE, details: 'etcdserver: request timed out' } };
  const txn = () => {
    received += 1;
    return lose;
  };
  const store = await storeOn({ txn }, { txn });
  expect(await store.write(WRITE, LIMIT)).toMatchObject({ kind: 'no-answer' });
  expect(received).toBe(1);
});

it('takes an answer of an older Raft term for none, and asks another member next (C-63)', async () => {
  const store = await storeOn(
    { range: answers({ revision: 7n, term: 5n }) },
    { range: answers({ revision: 3n, term: 4n }) },
  );
  expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'read', revision: 7n });
  store.switchEndpoint();
  expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'no-answer' });
  expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'read', revision: 7n });
});

it('does not take "not a primary lessor" for the end of a lease (C-65)', async () => {
  const wrongMember = (_request: unknown, stream: Streamed<never>): void =>
    stream.fail({ code: status.UNKNOWN, details: 'not a primary lessor' });
  const store = await storeOn({ keepAlive: wrongMember }, { keepAlive: prolongs });
  expect(await store.keepAlive(LEASE, LIMIT)).toMatchObject({ kind: 'no-answer' });
  expect(await store.keepAlive(LEASE, LIMIT)).toMatchObject({ kind: 'alive', ttl: seconds(30) });
});

it.each([
  ['too much to do', 'refused', status.RESOURCE_EXHAUSTED, 'etcdserver: too many requests'],
  ['no permission', 'refused', status.PERMISSION_DENIED, 'etcdserver: permission denied'],
  // What was under way when the quota was exceeded is done.
  ['no space', 'no-answer', status.RESOURCE_EXHAUSTED, 'etcdserver: mvcc: database space exceeded'],
] as const)('stays with a store that refuses a write, as it has %s: %s (C-25)', async (_what, kind, code, details) => {
  const store = await storeOn({ range: answers({ revision: 1n }), txn: () => ({ error: { code, details } }) }, {});
  expect(await store.write(WRITE, LIMIT)).toMatchObject(kind === 'refused' ? { kind } : { kind, isRefused: true });
  expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'read', revision: 1n });
});

it('asks the next member for a token at once, when the one before it does not answer', async () => {
  const authenticate = () => ({ header: header({ revision: 1n }), token: 'token' });
  const store = await storeAs(
    { username: 'root', password: 'secret' },
    { authenticate: () => 'silence' as const },
    { authenticate, range: answers({ revision: 7n }), txn: () => 'silence' as const },
  );
  // Another one has time, and waits for the first member's token.
  const patient = store.write(WRITE, LIMIT);
  expect(await store.read('everything', SHORT)).toMatchObject({ kind: 'no-answer' });
  const asked = monotonicMs();
  expect(await store.read('everything', millis(2_000))).toMatchObject({ kind: 'read', revision: 7n });
  expect(monotonicMs() - asked).toBeLessThan(1_500);
  await patient;
});

it('says why an endpoint was left, also when somebody asks to leave it who was late, or when it broke by itself', async () => {
  const store = await storeOn(
    { range: answers({ revision: 7n }), keepAlive: () => undefined },
    { range: answers({ revision: 7n }), keepAlive: prolongs },
    { range: answers({ revision: 7n }) },
  );
  await store.read('everything', LIMIT);
  expect(await store.keepAlive(LEASE, SHORT)).toMatchObject({ kind: 'no-answer' });
  store.switchEndpoint();
  await store.read('everything', LIMIT);
  fakes[1]?.stop();
  await until('that is noticed', { withinMs: 5000 }, async () => {
    const outcome = await store.read('everything', LIMIT);
    return outcome.kind === 'read' && causes.length === 3;
  });
  expect(causes).toEqual([null, 'no answer to a keep-alive in time', expect.not.stringContaining('keep-alive')]);
});

it('never takes a late answer to one keep-alive for the answer to the next', async () => {
  const late: (() => void)[] = [];
  const store = await storeOn({
    keepAlive: ({ ID }, stream) => {
      late.push(() => stream.send({ header: header({ revision: 1n }), ID, TTL: 30n }));
    },
  });
  expect(await store.keepAlive(LEASE, SHORT)).toMatchObject({ kind: 'no-answer' });
  const second = store.keepAlive(LEASE, SHORT);
  await until('the second question', { withinMs: 5000, everyMs: 5 }, () => late.length > 1);
  late[0]?.();
  expect(await second).toMatchObject({ kind: 'no-answer' });
});

it('shows each revision of a batch by itself: a lock that came and went in one message is seen', async () => {
  const store = await storeOn({
    range: answers({ revision: 4n }),
    watch: (request, stream) => {
      if (!creates(request)) return;
      const events = [put('leader', 'b', 5n), put('status', 's', 6n), put('sync', 's', 6n), deleted('leader', 7n)];
      stream.send({ ...NOTHING, events });
    },
  });
  const listener = watching(store);
  await until('the last of them', { withinMs: 5000, everyMs: 5 }, () => listener.pictures.length > 3);
  expect(listener.pictures.map(({ revision, pairs }) => [revision, pairs.map(({ key }) => key).join()])).toEqual([
    [4n, ''],
    [5n, 'leader'],
    [6n, 'leader,status,sync'],
    [7n, 'status,sync'],
  ]);
});

it('applies an event once, also when it is sent again', async () => {
  const store = await storeOn({
    range: answers({ revision: 4n }),
    watch: (request, stream) => {
      if (!creates(request)) return;
      for (const events of [[put('status', '3', 3n)], [put('status', '5', 5n)], [put('status', '5', 5n)]])
        stream.send({ ...NOTHING, events });
      stream.send({ ...NOTHING, events: [put('status', '6', 6n)] });
    },
  });
  const listener = watching(store);
  await until('the last one', { withinMs: 5000, everyMs: 5 }, () => listener.shows('status', '6'));
  expect(listener.pictures.map(({ revision }) => revision)).toEqual([4n, 5n, 6n]);
});

it('reads again and goes on, at the same member, when the revision to go on from was compacted (C-60)', async () => {
  let watches = 0;
  const store = await storeOn(
    {
      range: () => ({ header: header({ revision: watches === 0 ? 4n : 90n }), kvs: [] }),
      watch: (request, stream) => {
        if (!creates(request)) return;
        watches += 1;
        if (watches === 1) stream.send({ ...NOTHING, created: true, canceled: true, compactRevision: 80n });
        else stream.send({ ...NOTHING, events: [put('status', '91', 91n)] });
      },
    },
    {},
  );
  const listener = watching(store);
  await until('a change', { withinMs: 5000, everyMs: 5 }, () => listener.shows('status', '91'));
  expect(listener.pictures.map(({ revision, gapless }) => [revision, gapless])).toEqual([
    [4n, false],
    [90n, false],
    [91n, true],
  ]);
  expect(listener.silences).toHaveLength(1);
});

it('does not go back to what was read before the stream ended', async () => {
  const late = Promise.withResolvers<RangeResponse>();
  const before = { header: header({ revision: 4n }), kvs: [], more: false, count: 0n };
  const streams: Streamed<WatchResponse>[] = [];
  let reads = 0;
  const store = await storeOn({
    range: () => {
      reads += 1;
      if (reads === 2) return late.promise;
      return reads === 1 ? before : 'silence';
    },
    watch: (request, stream) => {
      if (creates(request)) streams.push(stream);
    },
  });
  const listener = watching(store);
  await until('the stream', { withinMs: 5000, everyMs: 5 }, () => streams.length > 0);
  listener.watch?.reread();
  await until('a read', { withinMs: 5000, everyMs: 5 }, () => reads === 2);
  streams[0]?.send({ ...NOTHING, events: [put('status', '5', 5n)] });
  streams[0]?.send({ ...NOTHING, canceled: true, compactRevision: 80n });
  await until('the end of the stream', { withinMs: 5000, everyMs: 5 }, () => listener.silences.length > 0);
  late.resolve(before);
  await until('another read', { withinMs: 5000, everyMs: 5 }, () => reads === 3);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(listener.pictures.map(({ revision }) => revision)).toEqual([4n, 5n]);
});

it('leaves a member whose watch lives but does not show a write of ours', async () => {
  const kvs = [pair('status', '1', 5n)];
  const range = (revision: bigint) => ({ header: header({ revision }), kvs: revision === 4n ? [] : kvs });
  let isWritten = false;
  const store = await storeOn(
    {
      range: () => range(isWritten ? 5n : 4n),
      txn: () => {
        isWritten = true;
        return { header: header({ revision: 5n }), succeeded: true };
      },
      watch: (_request, stream) => stream.send({ ...NOTHING, watchId: -1n }),
    },
    { range: () => range(6n), watch: (_request, stream) => stream.send(NOTHING) },
  );
  const listener = watching(store);
  await until('a picture', { withinMs: 5000, everyMs: 5 }, () => listener.pictures.length > 0);
  expect(await store.write(WRITE, LIMIT)).toMatchObject({ kind: 'written' });
  await until('the other member', { withinMs: 10_000 }, () => listener.pictures.at(-1)?.revision === 6n);
  expect(listener.pictures.map(({ revision, gapless }) => [revision, gapless])).toEqual([
    [4n, false],
    [5n, false],
    [6n, false],
  ]);
});

it('knows the members that came while one connection lasted, when the last of the old ones goes', async () => {
  const range = answers({ revision: 7n });
  const members: FakeEtcd[] = [];
  let asked = 0;
  const memberList = () => {
    asked += 1;
    const list = members.map(({ address }) => ({ clientURLs: [`http://${address}`] }));
    return { header: header({ revision: 7n }), members: list };
  };
  const first = await FakeEtcd.start({ range, memberList });
  const later = await FakeEtcd.start({ range, memberList });
  fakes.push(first, later);
  members.push(first);
  let aheadMs = 0;
  const clock = { ...CLOCK, now: () => instant(monotonicMs() + aheadMs) };
  const store = storeWith([first], { useProxies: false, clock });
  const isRead = async (): Promise<boolean> => (await store.read('everything', LIMIT)).kind === 'read';
  expect(await isRead()).toBe(true);
  await until('the list of members', { withinMs: 5000, everyMs: 5 }, () => asked === 1);

  members.push(later);
  aheadMs = 61_000;
  expect(await isRead()).toBe(true);
  await until('a newer list', { withinMs: 5000, everyMs: 5 }, () => asked === 2);
  expect(await isRead()).toBe(true);

  first.stop();
  await isRead();
  expect(await isRead()).toBe(true);
});

describe('a store that was restored from a backup while this process stood still', () => {
  const before = header({ revision: 161n });
  it.each([
    ['does not know what was read before', header({ revision: 152n })],
    ['is another cluster, though further on', { ...header({ revision: 170n }), clusterId: 2n }],
  ])('ends the stream that would go on from before: it %s', async (_what, restored) => {
    let watches = 0;
    const store = await storeOn({
      range: () => ({ header: watches === 0 ? before : restored, kvs: [] }),
      watch: (request, stream) => {
        if (creates(request)) watches += 1;
        stream.send({ ...NOTHING, header: restored, created: creates(request) });
      },
    });
    const listener = watching(store);
    await until('the second picture', { withinMs: 5000, everyMs: 5 }, () => listener.pictures.length > 1);
    expect(listener.pictures.slice(0, 2).map(({ revision, gapless }) => [revision, gapless])).toEqual([
      [161n, false],
      [restored.revision, false],
    ]);
    expect(listener.silences.at(0)).toMatch(/another|restored/);
  });

  it('is seen as such by a read that was asked for', async () => {
    let isRestored = false;
    const store = await storeOn({
      range: () => ({ header: isRestored ? header({ revision: 152n }) : before, kvs: [] }),
      watch: (request, stream) => {
        if (creates(request)) stream.send({ ...NOTHING, header: header({ revision: 161n }), created: true });
      },
    });
    const listener = watching(store);
    await until('a picture', { withinMs: 5000, everyMs: 5 }, () => listener.pictures.length > 0);
    isRestored = true;
    listener.watch?.reread();
    await until('the store as it is', { withinMs: 5000, everyMs: 5 }, () => listener.pictures.length > 1);
    expect(listener.pictures.at(1)).toMatchObject({ revision: 152n, gapless: false });
    expect(listener.silences.at(0)).toMatch('restored');
  });

  it('and by one that comes after the watch was closed, which says nothing of it', async () => {
    let reads = 0;
    const store = await storeOn({
      range: () => {
        reads += 1;
        return { header: reads === 1 ? before : header({ revision: 152n }), kvs: [] };
      },
      watch: (request, stream) => {
        if (creates(request)) stream.send({ ...NOTHING, header: before, created: true });
      },
    });
    const listener = watching(store);
    await until('a picture', { withinMs: 5000, everyMs: 5 }, () => listener.pictures.length > 0);
    listener.watch?.reread();
    listener.watch?.close();
    expect(await store.read('everything', LIMIT)).toMatchObject({ kind: 'read' });
    expect(reads).toBe(3);
    expect(listener.silences).toEqual([]);
  });
});

describe('a watch through a proxy, served by another member than the reads', () => {
  it.each([
    ['lags behind them', header({ revision: 160n })],
    ['does not say of which cluster it is', { ...header({ revision: 161n }), clusterId: 0n }],
  ])('goes on where that one %s', async (_what, served) => {
    let watches = 0;
    const store = await storeOn({
      range: answers({ revision: 161n }),
      watch: (request, stream) => {
        if (creates(request)) watches += 1;
        stream.send({ ...NOTHING, header: served, created: creates(request) });
        if (creates(request)) setTimeout(() => stream.send({ ...NOTHING, events: [put('status', '1', 162n)] }), 100);
      },
    });
    const listener = watching(store);
    await until('the change', { withinMs: 5000, everyMs: 5 }, () => listener.shows('status', '1'));
    expect(listener.silences).toEqual([]);
    expect(listener.pictures.at(-1)).toMatchObject({ revision: 162n, gapless: true });
    expect(watches).toBe(1);
  });
});

function storeOn(...behaviours: readonly FakeBehaviour[]): Promise<Store> {
  return storeAs({ username: null, password: null }, ...behaviours);
}

async function storeAs(
  login: { readonly username: string | null; readonly password: string | null },
  ...behaviours: readonly FakeBehaviour[]
): Promise<Store> {
  const members = await Promise.all(behaviours.map((behaviour) => FakeEtcd.start(behaviour)));
  fakes.push(...members);
  return storeWith(members, { ...login, useProxies: true });
}

function storeWith(
  members: readonly FakeEtcd[],
  options: {
    readonly username?: string | null;
    readonly password?: string | null;
    readonly useProxies: boolean;
    readonly clock?: Clock;
  },
): Store {
  const { username = null, password = null, useProxies, clock = CLOCK } = options;
  const store = createEtcdStore({
    config: {
      kind: 'etcd3',
      endpoints: members.map(({ address }) => address),
      protocol: 'http',
      tls: { caFile: null, certFile: null, keyFile: null },
      username,
      password,
      useProxies,
    },
    prefix: PREFIX,
    clock,
    log: { write: (_level, _event, { because }) => void causes.push(because) },
    retryTimeout: seconds(2),
  });
  stores.push(store);
  return store;
}

const CLOCK: Clock = { now: () => instant(monotonicMs()), wallNow: () => wallTime(Date.now()), suspended: () => 0 };
const PREFIX = '/service/shop/';
const WRITE: StoreWrite = {
  key: storeKey('status'),
  action: { kind: 'put', value: { kind: 'text', text: '1' }, lease: null },
  when: [],
};
const NOTHING: WatchResponse = {
  header: header({ revision: 4n }),
  watchId: 0n,
  created: false,
  canceled: false,
  compactRevision: 0n,
  cancelReason: '',
  events: [],
};

function watching(store: Store): RecordingListener {
  const listener = new RecordingListener();
  listener.watch = store.watch(listener);
  return listener;
}

function answers(at: { readonly revision: bigint; readonly term?: bigint }) {
  return () => ({ header: header(at), kvs: [] });
}

function prolongs({ ID }: LeaseKeepAliveRequest, stream: Streamed<LeaseKeepAliveResponse>): void {
  stream.send({ header: header({ revision: 1n }), ID, TTL: 30n });
}

function creates(request: WatchRequest): boolean {
  return request.requestUnion?.$case === 'createRequest';
}

function pair(key: string, value: string, modRevision: bigint): KeyValue {
  const bytes = { key: Buffer.from(PREFIX + key), value: Buffer.from(value) };
  return { ...bytes, createRevision: modRevision, modRevision, lease: 0n };
}

function put(key: string, value: string, modRevision: bigint) {
  return { type: Event_EventType.PUT, kv: pair(key, value, modRevision) };
}

function deleted(key: string, modRevision: bigint) {
  return { type: Event_EventType.DELETE, kv: pair(key, '', modRevision) };
}
