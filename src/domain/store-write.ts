import type { Json } from './json.ts';
import type { LeaseId, Revision, StoreKey } from './names.ts';

/** One conditional write below the cluster's prefix: all of `when` must hold, in one transaction with the action. */
export type StoreWrite = {
  readonly key: StoreKey;
  readonly action:
    | { readonly kind: 'put'; readonly value: StoredValue; readonly lease: LeaseId | null }
    | { readonly kind: 'delete' };
  readonly when: readonly StoreCondition[];
};

/** `json` is stored compact and in ASCII (spec/dcs.md 1.14), every digit of a bigint kept. */
export type StoredValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly json: Json };

export type StoreCondition =
  | { readonly kind: 'absent'; readonly key: StoreKey }
  | { readonly kind: 'value-is'; readonly key: StoreKey; readonly value: string }
  | { readonly kind: 'mod-revision-is'; readonly key: StoreKey; readonly revision: Revision }
  | { readonly kind: 'create-revision-is'; readonly key: StoreKey; readonly revision: Revision };

/** @param seen its revision; `null`: it is not there. What was given up, and comes late, finds another one. */
export function asSeen(key: StoreKey, seen: Revision | null): StoreCondition {
  return seen === null ? { kind: 'absent', key } : { kind: 'mod-revision-is', key, revision: seen };
}

export type WriteOutcome =
  | { readonly kind: 'written'; readonly revision: Revision }
  /** The store answered: a condition did not hold. Nothing was written. */
  | { readonly kind: 'conflict'; readonly revision: Revision }
  /** The store answered: the lease named by the put does not exist. Nothing was written. */
  | { readonly kind: 'lease-gone' }
  /** The store answered and will not (authentication, permission, quota). Nothing was written. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Perhaps applied, perhaps not: only a later view settles it. `isRefused`: the store said that it will not, all the same. */
  | { readonly kind: 'no-answer'; readonly reason: string; readonly isRefused?: true };
