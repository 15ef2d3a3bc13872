import type { LeaseId, Revision, StoreKey } from './names.ts';

/** One key-value pair below the cluster's prefix, as the store holds it. */
export type StoredPair = {
  readonly key: StoreKey;
  readonly value: string;
  readonly lease: LeaseId | null;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};
