import type { LeaseId, Revision, StoreKey } from '../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../domain/store-write.ts';
import type { StoredPair } from '../domain/stored-pair.ts';
import type { Millis } from '../domain/time.ts';
import type { GrantOutcome, KeepAliveOutcome } from './heartbeat.ts';

export type { StoredPair };

export type ReadOutcome =
  /** `term`: the store's election term as the answer named it, where the store has one (etcd: `raft_term`). */
  | {
      readonly kind: 'read';
      readonly revision: Revision;
      readonly pairs: readonly StoredPair[];
      readonly term?: bigint;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string };

/**
 * A connection to the store, below one cluster's prefix. Every call ends within `limit` and never throws for an
 * expected outcome. A call is sent once: repeating it is the machine's decision, because a lost reply is "perhaps".
 */
export type Store = {
  grantLease(ttl: Millis, limit: Millis): Promise<GrantOutcome>;
  /** One in flight at a time; on a timeout the stream is dropped. */
  keepAlive(lease: LeaseId, limit: Millis): Promise<KeepAliveOutcome>;
  write(write: StoreWrite, limit: Millis): Promise<WriteOutcome>;
  /** Linearizable. `key` empty text: everything below the prefix. */
  read(key: StoreKey | 'everything', limit: Millis): Promise<ReadOutcome>;
  /** Follow everything below the prefix until `close`. */
  watch(listener: StoreWatchListener): StoreWatch;
  /** Use another endpoint for what comes next; the present one is late. */
  switchEndpoint(): void;
  close(): Promise<void>;
};

/** What the command line needs of the store. */
export type OperatorStore = Pick<Store, 'read' | 'write' | 'switchEndpoint' | 'close'> & {
  /** Delete every key below the prefix, in one step. */
  removeEverything(limit: Millis): Promise<WriteOutcome>;
};

export type StoreWatch = {
  /** Read everything linearizably, deliver it as a picture, and go on from there. */
  reread(): void;
  close(): void;
};

export type StoreWatchListener = {
  /** All pairs at `revision`. `gapless`: no change since the last picture can have been missed. */
  picture(picture: {
    readonly revision: Revision;
    readonly pairs: readonly StoredPair[];
    readonly gapless: boolean;
  }): void;
  /** The stream broke or is silent; it is being rebuilt, on another endpoint if need be. */
  silent(reason: string): void;
};
