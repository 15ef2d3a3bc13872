import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { type LeaseId, leaseId, type StoreKey, storeKey } from '../../src/domain/names.ts';
import type { StoreCondition, StoreWrite } from '../../src/domain/store-write.ts';
import { seconds } from '../../src/domain/time.ts';
import type { Store, StoredPair } from '../../src/ports/store.ts';
import { RecordingListener } from './recording-listener.ts';

/** A store with clients, in reality or in the simulator. */
export type StoreWorld = {
  /** A client of its own below `prefix` (ends in `/`). */
  client(prefix: string): Store;
  /** Let time pass until `work` ends. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** Let time pass until `condition` holds. Fails after a bound of the world's own. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** End a lease at once, as an operator would. */
  revoke(lease: LeaseId): Promise<void>;
  /** Write bytes past all clients; the key is whole. */
  putBytes(key: string, value: Buffer): Promise<void>;
  /** From now on nobody's requests are answered, and connections do not even break. */
  silence(): Promise<void>;
  /** The end of a silence. */
  restore(): Promise<void>;
  close(): Promise<void>;
};

/** What every store must do, whatever it is made of. Time is never measured: only order, counts and outcomes. */
export function storeContract(name: string, makeWorld: () => Promise<StoreWorld>): void {
  describe(`the store contract on ${name}`, () => {
    let world: StoreWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(async () => {
      await world.close();
    });

    const grant = async (store: Store): Promise<LeaseId> => {
      const outcome = await world.settle(store.grantLease(TTL, LIMIT));
      if (outcome.kind !== 'granted') throw new Error(`no lease: ${JSON.stringify(outcome)}`);
      return outcome.lease;
    };
    const write = (store: Store, what: StoreWrite) => world.settle(store.write(what, LIMIT));
    const written = async (store: Store, what: StoreWrite): Promise<bigint> => {
      const outcome = await write(store, what);
      if (outcome.kind !== 'written') throw new Error(`not written: ${outcome.kind}`);
      return outcome.revision;
    };
    const pair = async (store: Store, key: StoreKey): Promise<StoredPair | null> => {
      const outcome = await world.settle(store.read(key, LIMIT));
      if (outcome.kind !== 'read') throw new Error(`not read: ${outcome.kind}`);
      return outcome.pairs[0] ?? null;
    };
    const everything = async (store: Store): Promise<readonly string[]> => {
      const outcome = await world.settle(store.read('everything', LIMIT));
      if (outcome.kind !== 'read') throw new Error(`not read: ${outcome.kind}`);
      return outcome.pairs.map(({ key, value }) => `${key}=${value}`);
    };
    const watching = (store: Store): RecordingListener => {
      const listener = new RecordingListener();
      listener.watch = store.watch(listener);
      return listener;
    };

    describe('conditional writes', () => {
      it('lets exactly one of two who create the lock at once have it (C-18)', async () => {
        const [a, b] = [world.client(SHOP), world.client(SHOP)];
        const [mine, theirs] = [await grant(a), await grant(b)];
        const outcomes = await world.settle(
          Promise.all([a.write(createLock('a', mine), LIMIT), b.write(createLock('b', theirs), LIMIT)]),
        );
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'written']);
        expect((await pair(a, LEADER))?.value).toBe(outcomes[0].kind === 'written' ? 'a' : 'b');
      });

      it('leaves the lock of another untouched (C-19)', async () => {
        const [a, b] = [world.client(SHOP), world.client(SHOP)];
        await written(a, createLock('a', await grant(a)));
        const before = await pair(a, LEADER);
        expect(await write(b, createLock('b', await grant(b)))).toMatchObject({ kind: 'conflict' });
        expect(await pair(a, LEADER)).toEqual(before);
      });

      it('moves my lock to a new lease by its value, keeping its creation (C-21)', async () => {
        const store = world.client(SHOP);
        await written(store, createLock('a', await grant(store)));
        const before = await pair(store, LEADER);
        const lease = await grant(store);
        await written(store, put('leader', 'a', { lease, when: [{ kind: 'value-is', key: LEADER, value: 'a' }] }));
        expect(await pair(store, LEADER)).toMatchObject({ lease, createRevision: before?.createRevision });
      });

      it('deletes a lock only while it is mine (C-27)', async () => {
        const store = world.client(SHOP);
        await written(store, createLock('c', await grant(store)));
        const release = remove('leader', [{ kind: 'value-is', key: LEADER, value: 'b' }]);
        expect(await write(store, release)).toMatchObject({ kind: 'conflict' });
        expect((await pair(store, LEADER))?.value).toBe('c');
        await written(store, remove('leader', [{ kind: 'value-is', key: LEADER, value: 'c' }]));
        expect(await pair(store, LEADER)).toBeNull();
      });

      it('tells a lock that was deleted and created again from the one before by its creation', async () => {
        const store = world.client(SHOP);
        await written(store, createLock('a', await grant(store)));
        const creation = (await pair(store, LEADER))?.createRevision;
        if (creation === undefined) throw new Error('the lock was just created');
        await written(store, remove('leader'));
        await written(store, createLock('a', await grant(store)));
        const release = remove('leader', [{ kind: 'create-revision-is', key: LEADER, revision: creation }]);
        expect(await write(store, release)).toMatchObject({ kind: 'conflict' });
      });

      it('keeps what another wrote since I read it (C-45, C-49)', async () => {
        const store = world.client(SHOP);
        await written(store, put('config', '{}'));
        const read = await pair(store, storeKey('config'));
        if (read === null) throw new Error('config was just written');
        await written(store, put('config', '{"ttl":20}'));
        const when = [{ kind: 'mod-revision-is', key: storeKey('config'), revision: read.modRevision }] as const;
        expect(await write(store, put('config', '{"ttl":40}', { when }))).toMatchObject({ kind: 'conflict' });
        expect((await pair(store, storeKey('config')))?.value).toBe('{"ttl":20}');
      });

      it('does nothing unless all conditions hold, on whichever keys', async () => {
        const store = world.client(SHOP);
        await written(store, put('initialize', ''));
        const when: readonly StoreCondition[] = [
          { kind: 'absent', key: LEADER },
          { kind: 'absent', key: storeKey('initialize') },
        ];
        expect(await write(store, put('status', 'x', { when }))).toMatchObject({ kind: 'conflict' });
        expect(await everything(store)).toEqual(['initialize=']);
      });

      it('answers a write with the revision that the pair then has', async () => {
        const store = world.client(SHOP);
        const revision = await written(store, put('sync', '{}'));
        expect(await pair(store, storeKey('sync'))).toMatchObject({ modRevision: revision, createRevision: revision });
        const next = await written(store, put('sync', '{}'));
        expect(next).toBeGreaterThan(revision);
        expect(await pair(store, storeKey('sync'))).toMatchObject({ modRevision: next, createRevision: revision });
      });

      it('stores JSON compact, in ASCII, with every digit', async () => {
        const store = world.client(SHOP);
        const json: Json = { xlog_location: 2n ** 63n, tags: { größe: [1, null, true] } };
        await written(store, { ...put('members/a', ''), action: putJson(json) });
        expect((await pair(store, storeKey('members/a')))?.value).toBe(
          '{"xlog_location":9223372036854775808,"tags":{"gr\\u00f6\\u00dfe":[1,null,true]}}',
        );
      });
    });

    describe('reads', () => {
      it('shows everything below the prefix in the order of keys, and nothing of a neighbour (C-02)', async () => {
        const store = world.client(SHOP);
        await written(world.client('/service/shop2/'), put('leader', 'x'));
        await written(store, put('status', 's'));
        await written(store, put('members/x/y', 'deep'));
        await written(store, put('leader', 'a'));
        expect(await everything(store)).toEqual(['leader=a', 'members/x/y=deep', 'status=s']);
      });

      it('tells an empty value from an absent key (C-03)', async () => {
        const store = world.client(SHOP);
        expect(await pair(store, storeKey('initialize'))).toBeNull();
        await written(store, put('initialize', ''));
        expect(await pair(store, storeKey('initialize'))).toMatchObject({ value: '', lease: null });
      });

      it('survives values that are no text', async () => {
        const store = world.client(SHOP);
        await world.putBytes(`${SHOP}strange`, Buffer.from([0xff, 0x00, 0xc3]));
        await written(store, put('leader', 'a'));
        expect(await everything(store)).toEqual(['leader=a', 'strange=\ufffd\u0000\ufffd']);
      });

      it('never shows less than a write that another client has been told of', async () => {
        const [writer, reader] = [world.client(SHOP), world.client(SHOP)];
        for (let round = 0; round < 10; round += 1) {
          const revision = await written(writer, put('status', String(round)));
          const read = await world.settle(reader.read('everything', LIMIT));
          expect(read.kind === 'read' && read.revision >= revision && read.pairs[0]?.value).toBe(String(round));
        }
      });
    });

    describe('leases', () => {
      it('grants the ttl that it names, and prolongs by it', async () => {
        const store = world.client(SHOP);
        const lease = await grant(store);
        for (let round = 0; round < 3; round += 1) {
          expect(await world.settle(store.keepAlive(lease, LIMIT))).toMatchObject({ kind: 'alive', ttl: TTL });
        }
      });

      it('says that a lease is gone: to its keep-alive, and to a put that names it (C-26)', async () => {
        const store = world.client(SHOP);
        const lease = await grant(store);
        await written(store, createLock('a', lease));
        expect(await world.settle(store.keepAlive(lease, LIMIT))).toMatchObject({ kind: 'alive' });
        await world.revoke(lease);
        expect(await world.settle(store.keepAlive(lease, LIMIT))).toEqual({ kind: 'gone' });
        expect(await write(store, createLock('a', lease))).toEqual({ kind: 'lease-gone' });
        expect(await pair(store, LEADER)).toBeNull();
      });

      it('goes on with another lease after one is gone', async () => {
        const store = world.client(SHOP);
        const lost = await grant(store);
        await world.revoke(lost);
        expect(await world.settle(store.keepAlive(lost, LIMIT))).toEqual({ kind: 'gone' });
        expect(await world.settle(store.keepAlive(await grant(store), LIMIT))).toMatchObject({ kind: 'alive' });
      });

      it('takes the keys of a lease that nobody prolongs', async () => {
        const store = world.client(SHOP);
        const listener = watching(store);
        await written(store, createLock('a', await grant(store)));
        await written(store, put('status', 's'));
        await world.until('the lock is gone', () => listener.shows('status') && !listener.shows('leader'));
      });

      it('knows nothing of a lease that was never granted', async () => {
        const store = world.client(SHOP);
        expect(await world.settle(store.keepAlive(leaseId('123456789'), LIMIT))).toEqual({ kind: 'gone' });
      });
    });

    describe('watching', () => {
      it('begins with the whole picture, which is not gapless', async () => {
        const store = world.client(SHOP);
        const revision = await written(store, put('leader', 'a'));
        const listener = watching(store);
        await world.until('a picture', () => listener.pictures.length > 0);
        const [first] = listener.pictures;
        expect(first?.gapless).toBe(false);
        expect(first?.revision).toBeGreaterThanOrEqual(revision);
        expect(first?.pairs.map(({ key, value }) => `${key}=${value}`)).toEqual(['leader=a']);
      });

      it('shows each change once, in order, without a gap, and nothing of a neighbour', async () => {
        const [writer, store, neighbour] = [world.client(SHOP), world.client(SHOP), world.client('/service/shop2/')];
        const listener = watching(store);
        await world.until('a picture', () => listener.pictures.length > 0);
        for (let round = 0; round < 20; round += 1) {
          await written(writer, put('status', String(round)));
          await written(neighbour, put('status', 'noise'));
        }
        await written(writer, remove('status'));
        await world.until('the last change', () => listener.pictures.length > 1 && !listener.shows('status'));
        const seen = listener.pictures.slice(1);
        expect(seen.every(({ gapless }) => gapless)).toBe(true);
        expect(seen.map(({ pairs }) => pairs[0]?.value)).toEqual([
          ...Array.from({ length: 20 }, (_, round) => String(round)),
          undefined,
        ]);
      });

      it('shows a key that came and went', async () => {
        const [writer, store] = [world.client(SHOP), world.client(SHOP)];
        const listener = watching(store);
        await world.until('a picture', () => listener.pictures.length > 0);
        await written(writer, put('leader', 'b'));
        await written(writer, remove('leader'));
        await world.until('it went', () => listener.pictures.length > 2);
        expect(listener.pictures.slice(1).map(({ pairs }) => pairs.length)).toEqual([1, 0]);
      });

      it('reads everything anew when asked, also when nothing has changed', async () => {
        const [writer, store] = [world.client(SHOP), world.client(SHOP)];
        const listener = watching(store);
        const revision = await written(writer, put('leader', 'a'));
        await world.until('the lock', () => listener.shows('leader'));
        const before = listener.pictures.length;
        listener.watch?.reread();
        await world.until('another picture', () => listener.pictures.length > before);
        expect(listener.pictures.at(-1)).toMatchObject({ revision, gapless: true });
        expect(listener.shows('leader')).toBe(true);
      });

      it('breaks with its connection, and is gapless all the same when nothing at all has changed', async () => {
        const store = world.client(SHOP);
        const revision = await written(store, put('leader', 'a'));
        const listener = watching(store);
        await world.until('the lock', () => listener.shows('leader'));
        const before = listener.pictures.length;
        store.switchEndpoint();
        await world.until('it begins anew', () => listener.pictures.length > before);
        expect(listener.silences).toHaveLength(1);
        expect(listener.pictures.at(-1)).toMatchObject({ revision, gapless: true });
      });

      it('says nothing after it was closed', async () => {
        const [writer, store] = [world.client(SHOP), world.client(SHOP)];
        const [listener, other] = [watching(store), watching(store)];
        await world.until('pictures', () => listener.pictures.length > 0 && other.pictures.length > 0);
        listener.watch?.close();
        const before = listener.pictures.length;
        await written(writer, put('leader', 'a'));
        await world.until('the other saw it', () => other.shows('leader'));
        expect(listener.pictures.length).toBe(before);
        expect(listener.silences).toEqual([]);
      });
    });

    describe('a store that is silent', () => {
      it('gets no answer for an answer, and every call still ends', async () => {
        const store = world.client(SHOP);
        const lease = await grant(store);
        await world.settle(store.keepAlive(lease, LIMIT));
        await world.silence();
        const outcomes = await world.settle(
          Promise.all([
            store.keepAlive(lease, SHORT),
            store.grantLease(TTL, SHORT),
            store.read(LEADER, SHORT),
            store.write(createLock('a', lease), SHORT),
          ]),
        );
        expect(outcomes.map(({ kind }) => kind)).toEqual(['no-answer', 'no-answer', 'no-answer', 'no-answer']);
      });

      it('is noticed by a watch, which comes back with what the store then holds', async () => {
        const store = world.client(SHOP);
        const listener = watching(store);
        await world.until('a picture', () => listener.pictures.length > 0);
        await world.silence();
        await world.until('the silence is noticed', () => listener.silences.length > 0);
        await world.restore();
        await world.until('the store answers', () => listener.pictures.length > 1);
        await written(world.client(SHOP), put('leader', 'a'));
        await world.until('the watch shows changes again', () => listener.shows('leader'));
        expect(listener.pictures.at(-1)?.gapless).toBe(true);
      });

      it('answers again when the silence ends, each question with its own answer', async () => {
        const store = world.client(SHOP);
        const lease = await grant(store);
        await world.settle(store.keepAlive(lease, LIMIT));
        await world.silence();
        expect(await world.settle(store.keepAlive(lease, SHORT))).toMatchObject({ kind: 'no-answer' });
        await world.restore();
        // The lease may have run out meanwhile; what must not happen is an old answer for a new question.
        const other = await grant(store);
        expect(await world.settle(store.keepAlive(other, LIMIT))).toMatchObject({ kind: 'alive', ttl: TTL });
      });
    });

    it('ends everything that is under way when it is closed', async () => {
      const store = world.client(SHOP);
      const listener = watching(store);
      await world.until('a picture', () => listener.pictures.length > 0);
      await world.silence();
      const read = store.read('everything', seconds(600));
      await world.settle(store.close());
      expect((await world.settle(read)).kind).toBe('no-answer');
      expect((await world.settle(store.read('everything', LIMIT))).kind).toBe('no-answer');
    });
  });
}

const SHOP = '/service/shop/';
const LEADER = storeKey('leader');
const TTL = seconds(5);
/** For calls that are answered: generous, since nothing depends on it. */
const LIMIT = seconds(10);
/** For calls that are not. */
const SHORT = seconds(1);

function put(
  key: string,
  text: string,
  more: { readonly lease?: LeaseId; readonly when?: readonly StoreCondition[] } = {},
): StoreWrite {
  const value = { kind: 'text', text } as const;
  return { key: storeKey(key), action: { kind: 'put', value, lease: more.lease ?? null }, when: more.when ?? [] };
}

function putJson(json: Json) {
  return { kind: 'put', value: { kind: 'json', json }, lease: null } as const;
}

function remove(key: string, when: readonly StoreCondition[] = []): StoreWrite {
  return { key: storeKey(key), action: { kind: 'delete' }, when };
}

function createLock(holder: string, lease: LeaseId): StoreWrite {
  return put('leader', holder, { lease, when: [{ kind: 'absent', key: LEADER }] });
}
