import type { StoreConfig } from '../../domain/agent-config.ts';
import { leaseId, revision, type StoreKey } from '../../domain/names.ts';
import type { WriteOutcome } from '../../domain/store-write.ts';
import { type Millis, millis, seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GrantOutcome } from '../../ports/heartbeat.ts';
import type { Log } from '../../ports/log.ts';
import type { OperatorStore, ReadOutcome, Store } from '../../ports/store.ts';
import type { CallFailure } from './failure.ts';
import { KeepAlives } from './keep-alive.ts';
import { prefixRange, singleKey } from './pairs.ts';
import { pictureOf, sortedPairs } from './picture.ts';
import type { TxnRequest } from './rpc.generated.ts';
import { methods } from './rpc-methods.ts';
import { EtcdSession } from './session.ts';
import { removalOf, txnOf } from './txn.ts';
import { EtcdWatch } from './watch.ts';

/** How often a silent watch is asked whether it still lives: rare enough to cost an idle agent nothing that shows. */
const PROBE_EVERY = millis(2000);
const ANSWER_LIMIT_MIN = millis(1000);
const ANSWER_LIMIT_MAX = millis(3000);

export type EtcdStoreOptions = {
  readonly config: StoreConfig;
  /** Ends in `/`; `clusterPrefix` of wire/store-keys.ts makes it. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Half of it, but 1 to 3 s, is what the watch gives each of its own reads and probes: a store that hangs is left within
   * probe interval (2 s) plus that. Other calls bring their own limit.
   */
  readonly retryTimeout: Millis;
};

/**
 * The store port on etcd 3.4 or newer, over gRPC. Nothing is connected before the first call.
 * @see docs/adr/0002-etcd-client.md
 */
export function createEtcdStore(options: EtcdStoreOptions): Store & OperatorStore {
  const { prefix, clock } = options;
  const session = new EtcdSession(options);
  const keepAlives = new KeepAlives({ session, clock });
  const watches = new Set<EtcdWatch>();
  const commit = async (transaction: TxnRequest, limit: Millis): Promise<WriteOutcome> => {
    const outcome = await session.call(methods.txn, transaction, limit);
    if (outcome.kind === 'lease-gone') return { kind: 'lease-gone' };
    if (outcome.kind === 'refused') {
      const { isPerhapsDone = false, reason } = outcome;
      return isPerhapsDone ? { kind: 'no-answer', reason, isRefused: true } : { kind: 'refused', reason };
    }
    if (outcome.kind !== 'answered') return outcome;
    const at = revision(outcome.response.header?.revision ?? 0n);
    if (!outcome.response.succeeded) return { kind: 'conflict', revision: at };
    for (const watch of watches) watch.owes(at);
    return { kind: 'written', revision: at };
  };
  const patience = millis(Math.min(ANSWER_LIMIT_MAX, Math.max(ANSWER_LIMIT_MIN, options.retryTimeout / 2)));

  return {
    async grantLease(ttl, limit): Promise<GrantOutcome> {
      const request = { TTL: BigInt(Math.ceil(ttl / 1000)) };
      const outcome = await session.call(methods.leaseGrant, request, limit);
      if (outcome.kind !== 'answered') return refusedOrNoAnswer(outcome);
      const { ID, TTL } = outcome.response;
      return { kind: 'granted', lease: leaseId(ID.toString()), ttl: seconds(Number(TTL)) };
    },

    keepAlive: (lease, limit) => keepAlives.keepAlive(lease, limit),

    write: (write, limit) => commit(txnOf(write, prefix), limit),

    removeEverything: (limit) => commit(removalOf(prefix), limit),

    async read(key: StoreKey | 'everything', limit): Promise<ReadOutcome> {
      const range = key === 'everything' ? prefixRange(prefix) : singleKey(prefix + key);
      const outcome = await session.call(methods.range, range, limit);
      if (outcome.kind !== 'answered') return refusedOrNoAnswer(outcome);
      const picture = pictureOf(outcome.response, prefix);
      const { header } = outcome.response;
      const term = header === undefined ? {} : { term: header.raftTerm };
      return { kind: 'read', revision: picture.revision, pairs: sortedPairs(picture), ...term };
    },

    watch(listener) {
      const watch = new EtcdWatch({
        session,
        clock,
        prefix,
        listener,
        readLimit: patience,
        probe: { every: PROBE_EVERY, limit: patience },
      });
      watches.add(watch);
      return {
        reread: () => watch.reread(),
        close: () => {
          watches.delete(watch);
          watch.close();
        },
      };
    },

    switchEndpoint: () => session.switchEndpoint('asked to'),

    async close() {
      const closing = [...watches].map((watch) => watch.closed());
      watches.clear();
      await session.close();
      await Promise.all(closing);
    },
  };
}

/** A read or a grant names no lease, so that a store which complains of one refuses. */
function refusedOrNoAnswer(failure: CallFailure): {
  readonly kind: 'refused' | 'no-answer';
  readonly reason: string;
} {
  return { kind: failure.kind === 'no-answer' ? 'no-answer' : 'refused', reason: failure.reason };
}
