import type { LeaseId } from '../../src/domain/names.ts';
import { leaseId, storeKey } from '../../src/domain/names.ts';
import type { Store, StoreWatchListener } from '../../src/ports/store.ts';
import { Actor } from '../../src/simulator/kernel/actor.ts';
import { Kernel } from '../../src/simulator/kernel/kernel.ts';
import { StoreConnection } from '../../src/simulator/store/store-connection.ts';
import { StoreModel } from '../../src/simulator/store/store-model.ts';
import { StoreWatch } from '../../src/simulator/store/store-watch.ts';
import { Network } from '../../src/simulator/world/network.ts';
import { calmSettings } from '../../src/simulator/world/settings.ts';
import type { StoreWorld } from '../contract/store.suite.ts';

/** The simulated store behind the real port: promises in front, virtual time driven by whoever waits. */
export function simulatedStoreWorld(seed: number): StoreWorld {
  const kernel = new Kernel({ seed, transcript: 'hash-only' });
  const network = new Network();
  // A prefix is a store of its own: the model knows one cluster's keys.
  const models = new Map<string, StoreModel>();
  const modelOf = (prefix: string): StoreModel => {
    const known = models.get(prefix);
    if (known !== undefined) return known;
    const members = [1, 2, 3].map((number) => ({ name: `store-${number}`, place: `store-${number}` }));
    const fresh = new StoreModel({ kernel, network, settings: calmSettings, members, emit: () => undefined });
    models.set(prefix, fresh);
    return fresh;
  };
  const paths = [1, 2, 3].flatMap((number) => [
    { from: 'client', to: `store-${number}` },
    { from: `store-${number}`, to: 'client' },
  ]);

  const settle = async <T>(work: Promise<T>): Promise<T> => {
    const ended: true[] = [];
    const done = (): void => {
      ended.push(true);
    };
    work.then(done, done);
    for (let step = 0; step < STEPS_MAX; step += 1) {
      await Promise.resolve();
      if (ended.length > 0) break;
      kernel.run(kernel.now + STEP_MS);
    }
    return work;
  };
  const until = async (what: string, condition: () => boolean): Promise<void> => {
    for (let step = 0; step < STEPS_MAX; step += 1) {
      await Promise.resolve();
      if (condition()) return;
      kernel.run(kernel.now + STEP_MS);
    }
    throw new Error(`not within the bound: ${what}`);
  };

  return {
    client: (prefix) => simulatedClient({ kernel, network, store: modelOf(prefix) }),
    settle,
    until,
    revoke: async (lease: LeaseId) => {
      for (const model of models.values()) model.revoke(lease);
      await Promise.resolve();
    },
    putBytes: async (key, value) => {
      const prefix = [...models.keys()].find((each) => key.startsWith(each)) ?? '';
      const text = value.toString('utf8');
      const action = { kind: 'put', value: { kind: 'text', text }, lease: null } as const;
      modelOf(prefix).write({ key: storeKey(key.slice(prefix.length)), action, when: [] });
      await Promise.resolve();
    },
    silence: () => {
      network.cut(paths);
      return Promise.resolve();
    },
    restore: () => {
      network.heal(paths);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

function simulatedClient(around: {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly store: StoreModel;
}): Store {
  const actor = new Actor('client');
  actor.start();
  const setup = { ...around, place: 'client', actor };
  const connection = new StoreConnection({ ...setup, firstEndpoint: 0 });
  const onClose = new Set<() => void>();
  let closed = false;
  const ask = <T>(call: (done: (answer: T) => void) => void): Promise<T | typeof closedAnswer> =>
    new Promise((resolve) => {
      const end = (): void => resolve(closedAnswer);
      if (closed) {
        end();
        return;
      }
      onClose.add(end);
      call((answer) => {
        onClose.delete(end);
        resolve(answer);
      });
    });
  return {
    grantLease: (ttl, limit) => ask((done) => connection.grantLease(ttl, limit, done)),
    keepAlive: (lease, limit) => ask((done) => connection.keepAlive(leaseId(lease), limit, done)),
    write: (write, limit) => ask((done) => connection.write(write, limit, done)),
    read: (key, limit) => ask((done) => connection.read(key, limit, done)),
    watch: (listener: StoreWatchListener) => {
      const watch = new StoreWatch({ ...setup, settings: calmSettings, connection, listener });
      return { reread: () => watch.reread(), close: () => watch.close() };
    },
    switchEndpoint: () => connection.switchEndpoint(),
    close: () => {
      closed = true;
      actor.kill();
      for (const end of onClose) end();
      return Promise.resolve();
    },
  };
}

const closedAnswer = { kind: 'no-answer', reason: 'closed' } as const;
const STEP_MS = 5;
/** Two virtual minutes. */
const STEPS_MAX = 24_000;
