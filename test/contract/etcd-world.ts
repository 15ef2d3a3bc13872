import { Connection } from '../../src/adapters/etcd/connection.ts';
import { createEtcdStore } from '../../src/adapters/etcd/create-etcd-store.ts';
import { KnownNames } from '../../src/adapters/etcd/known-names.ts';
import { methods } from '../../src/adapters/etcd/rpc-methods.ts';
import type { StoreConfig } from '../../src/domain/agent-config.ts';
import { instant, seconds, wallTime } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { LogFields } from '../../src/ports/log.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Etcd } from '../support/etcd.ts';
import { monotonicMs, until } from '../support/wait.ts';
import type { StoreWorld } from './store.suite.ts';

/** The world of the store contract on a real etcd with one member. Begins with an empty store. */
export async function etcdWorld(etcd: Etcd): Promise<StoreWorld> {
  const clients: Store[] = [];
  await etcd.ctl('del', '', '--from-key=true');
  return {
    client(prefix) {
      const store = clientOf(etcd, { prefix });
      clients.push(store);
      return store;
    },
    settle: (work) => work,
    until: async (what, condition) => {
      await until(what, { withinMs: 30_000, everyMs: 10 }, condition);
    },
    revoke: async (lease) => {
      await etcd.ctl('lease', 'revoke', BigInt(lease).toString(16));
    },
    putBytes: (key, value) => putBytes(etcd, key, value),
    silence: async () => {
      for (const name of etcd.names) await etcd.freeze(name);
    },
    restore: async () => {
      for (const name of etcd.names) etcd.thaw(name);
      await Promise.resolve();
    },
    close: async () => {
      for (const name of etcd.names) etcd.thaw(name);
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

export type ClientOptions = {
  readonly prefix?: string;
  readonly config?: Partial<StoreConfig>;
  /** Hears of the endpoints that answer, as the log tells them. */
  readonly endpoint?: (url: string) => void;
};

export function clientOf(etcd: Etcd, options: ClientOptions = {}): Store {
  return createEtcdStore({
    config: { ...configOf(etcd), ...options.config },
    prefix: options.prefix ?? '/service/shop/',
    clock,
    log: { write: (_level, _event, fields: LogFields) => options.endpoint?.(String(fields['endpoint'])) },
    retryTimeout: seconds(2),
  });
}

export function configOf(etcd: Etcd): StoreConfig {
  const tls = etcd.certificates;
  return {
    kind: 'etcd3',
    endpoints: etcd.endpoints,
    protocol: tls === null ? 'http' : 'https',
    tls: {
      caFile: tls?.caFile ?? null,
      certFile: tls?.clientCertFile ?? null,
      keyFile: tls?.clientKeyFile ?? null,
    },
    username: null,
    password: null,
    useProxies: false,
  };
}

export const clock: Clock = {
  now: () => instant(monotonicMs()),
  wallNow: () => wallTime(Date.now()),
  suspended: () => 0,
};

async function putBytes(etcd: Etcd, key: string, value: Buffer): Promise<void> {
  const { protocol, tls, endpoints } = configOf(etcd);
  const connection = new Connection({ endpoint: { protocol, address: endpoints[0]! }, tls, names: new KnownNames() });
  const requestPut = { key: Buffer.from(key), value, lease: 0n };
  const success = [{ request: { $case: 'requestPut', value: requestPut } as const }];
  const outcome = await connection.unary(methods.txn, { compare: [], success }, { limit: seconds(5), token: null });
  connection.close('done');
  if (outcome.kind === 'failed') throw new Error(`not written: ${outcome.error.details}`);
}
