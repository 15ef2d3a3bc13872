import { expect, test } from 'vitest';
import { storeKey } from '../../src/domain/names.ts';
import { millis } from '../../src/domain/time.ts';
import { Actor } from '../../src/simulator/kernel/actor.ts';
import { Kernel } from '../../src/simulator/kernel/kernel.ts';
import { StoreConnection } from '../../src/simulator/store/store-connection.ts';
import { StoreModel } from '../../src/simulator/store/store-model.ts';
import { type Picture, StoreWatch } from '../../src/simulator/store/store-watch.ts';
import { Network } from '../../src/simulator/world/network.ts';
import { calmSettings } from '../../src/simulator/world/settings.ts';

/** One client that watches a store of three members, and a hand that changes things past all faults. */
function watchedStore() {
  const kernel = new Kernel({ seed: 1, transcript: 'hash-only' });
  const network = new Network();
  const members = [1, 2, 3].map((number) => ({ name: `store-${number}`, place: `store-${number}` }));
  const store = new StoreModel({ kernel, network, settings: calmSettings, members, emit: () => undefined });
  const actor = new Actor('client');
  actor.start();
  const setup = { kernel, network, store, place: 'client', actor };
  const connection = new StoreConnection({ ...setup, firstEndpoint: 0 });
  const pictures: Picture[] = [];
  const silences: string[] = [];
  const listener = {
    picture: (picture: Picture) => pictures.push(picture),
    silent: (reason: string) => silences.push(reason),
  };
  const watch = new StoreWatch({ ...setup, settings: calmSettings, connection, listener });
  const put = (text: string): void => {
    const action = { kind: 'put', value: { kind: 'text', text }, lease: null } as const;
    store.write({ key: storeKey('status'), action, when: [] });
  };
  const until = (holds: () => boolean): void => {
    expect(kernel.run(kernel.now + 30_000, holds)).toBe(true);
  };
  until(() => pictures.length > 0);
  return { kernel, network, store, members, connection, pictures, silences, watch, put, until };
}

test('a change while the stream was broken comes with a picture that is not gapless', () => {
  const { store, members, pictures, silences, put, until } = watchedStore();
  const [first] = members;
  if (first === undefined) throw new Error('there are three');

  store.leadership.stop(first);
  put('meanwhile');
  until(() => pictures.length > 1);

  expect(silences.length).toBeGreaterThan(0);
  expect(pictures.at(-1)).toMatchObject({ gapless: false });
});

test('a cut shorter than probe and patience loses nothing: every change comes, in order and gapless', () => {
  const { kernel, network, pictures, silences, put, until } = watchedStore();
  const inbound = [{ from: 'store-1', to: 'client' }];

  network.cut(inbound);
  for (const text of ['1', '2', '3']) put(text);
  kernel.run(kernel.now + 800);
  expect(pictures).toHaveLength(1);
  network.heal(inbound);
  until(() => pictures.length === 4);

  expect(silences).toEqual([]);
  expect(pictures.slice(1).map(({ pairs, gapless }) => [pairs[0]?.value, gapless])).toEqual([
    ['1', true],
    ['2', true],
    ['3', true],
  ]);
});

test('a watch that hangs is left for another member', () => {
  const { store, members, connection, pictures, put, until } = watchedStore();
  const before = connection.endpoint;

  store.suffers({ hungWatches: members.slice(0, 1) });
  put('hidden');
  until(() => pictures.length > 1);

  expect(connection.endpoint).not.toBe(before);
  expect(pictures.at(-1)).toMatchObject({ gapless: false });
});

test('a restored store is shown with its lower revision, and not as gapless', () => {
  const { store, members, pictures, put, until } = watchedStore();
  put('kept');
  const backup = store.state.backup();
  put('lost');
  until(() => pictures.at(-1)?.pairs[0]?.value === 'lost');

  for (const member of members) store.leadership.stop(member);
  store.restore(backup);
  for (const member of members) store.leadership.restart(member);
  until(() => pictures.at(-1)?.pairs[0]?.value === 'kept');

  expect(pictures.at(-1)).toMatchObject({ revision: backup.keys.revision, gapless: false });
});

/** Its first member leads, is cut off from the others, and answers a keep-alive a second later. */
function cutOffLeader() {
  const { kernel, network, store, members } = watchedStore();
  const granted = store.state.grant(millis(5_000), { place: 'client', sentAt: 0 });
  if (granted.kind !== 'granted') throw new Error('the store grants');
  const [first] = members;
  if (first === undefined) throw new Error('there are three');
  const paths = members.slice(1).flatMap(({ place }) => [
    { from: first.place, to: place },
    { from: place, to: first.place },
  ]);
  const term = store.leadership.termOf(first);

  network.cut(paths);
  kernel.run(kernel.now + 900);
  expect(store.leadership.believesToLead(first)).toBe(true);
  const expiresAt = () => store.state.leases.get(granted.lease)?.expiresAt ?? 0;
  const before = expiresAt();
  const given = { now: kernel.now, term };
  expect(store.deposed.keepAlive(granted.lease, { place: 'client', sentAt: kernel.now }, given)).toMatchObject({
    kind: 'alive',
    term,
  });
  expect(expiresAt()).toBe(before);
  return { kernel, store, members, first, term, before, expiresAt, heal: () => network.heal(paths) };
}

test('a deposed leader answers keep-alives beside its successor, in its old term, and extends nothing', () => {
  const { kernel, store, members, first, term } = cutOffLeader();

  kernel.run(kernel.now + 3_000);
  expect(store.leadership.believesToLead(first)).toBe(false);
  expect(store.leadership.leader).not.toBe(first);
  expect(store.leadership.termOf(members[1] ?? first)).toBe(term + 1n);
});

test('seed 9104989: a leader that has its majority back before another one is elected has extended what it said', () => {
  const { store, first, term, before, expiresAt, heal } = cutOffLeader();

  heal();
  expect(store.leadership.leader).toBe(first);
  expect(store.leadership.termOf(first)).toBe(term);
  expect(expiresAt()).toBe(before + 900);
});

test('a stream that could not be told of changes in time ends when they are compacted away', () => {
  const { kernel, network, store, pictures, silences, put, until } = watchedStore();
  const inbound = [{ from: 'store-1', to: 'client' }];

  kernel.run(kernel.now + 100);
  network.cut(inbound);
  for (const text of ['1', '2', '3']) put(text);
  store.keys.compact();
  kernel.run(kernel.now + 300);
  network.heal(inbound);
  until(() => pictures.length > 1);

  expect(silences).toEqual(['what comes next was compacted away']);
  expect(pictures.at(-1)).toMatchObject({ gapless: false });
});
