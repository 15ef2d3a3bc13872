import type { StoreConfig } from '../../domain/agent-config.ts';
import { millis } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OperatorStore } from '../../ports/store.ts';
import { readByGateway } from './gateway.ts';

/** The gateway answers in a millisecond or is passed over: this much is left to a store that is busy. */
const GATEWAY_LIMIT = millis(700);

/**
 * The store as a command needs it. Reads go by the JSON gateway as long as that answers; everything else, and everything
 * from its first failure on, by the gRPC client, which is loaded only then: it takes three times as long as the rest.
 */
export function createOperatorStore(options: {
  readonly config: StoreConfig;
  readonly prefix: string;
  readonly clock: Clock;
}): OperatorStore {
  let isGatewayUsed = true;
  let careful: Promise<OperatorStore> | null = null;
  const load = (): Promise<OperatorStore> => {
    careful ??= import('./create-etcd-store.ts').then(({ createEtcdStore }) =>
      createEtcdStore({ ...options, log: { write: () => undefined }, retryTimeout: millis(10_000) }),
    );
    return careful;
  };
  return {
    async read(key, limit) {
      if (isGatewayUsed && key === 'everything') {
        const outcome = await readByGateway(options, millis(Math.min(limit, GATEWAY_LIMIT)));
        if (outcome !== null) return outcome;
        isGatewayUsed = false;
      }
      return (await load()).read(key, limit);
    },
    async write(write, limit) {
      return (await load()).write(write, limit);
    },
    async removeEverything(limit) {
      return (await load()).removeEverything(limit);
    },
    switchEndpoint() {
      isGatewayUsed = false;
      void careful?.then((store) => store.switchEndpoint());
    },
    async close() {
      await (await careful)?.close();
    },
  };
}
