import type { LeaseId, StoreKey } from '../../domain/names.ts';
import { leaseId } from '../../domain/names.ts';

export type StoreLease = {
  readonly id: LeaseId;
  readonly ttlMs: number;
  /** Of the store's leader; nothing expires while there is none. */
  readonly expiresAt: number;
  readonly keys: ReadonlySet<StoreKey>;
};

/** Leases as etcd keeps them: counted by the leader's clock, extended whenever a new leader takes over. */
export class LeaseTable {
  readonly #leases = new Map<LeaseId, StoreLease>();
  readonly #ttlMinMs: number;
  #next = 7_587_000_000_000_000_000n;

  constructor(options: { readonly electionTimeoutMs: number }) {
    this.#ttlMinMs = Math.ceil((1.5 * options.electionTimeoutMs) / 1000) * 1000;
  }

  isAlive(id: LeaseId): boolean {
    return this.#leases.has(id);
  }

  get(id: LeaseId): StoreLease | null {
    return this.#leases.get(id) ?? null;
  }

  /** Whole seconds, and never less than one and a half election timeouts. */
  grant(ttlMs: number, now: number): StoreLease {
    this.#next += 1n;
    const granted = Math.max(Math.ceil(ttlMs / 1000) * 1000, this.#ttlMinMs);
    const lease = {
      id: leaseId(this.#next.toString()),
      ttlMs: granted,
      expiresAt: now + granted,
      keys: new Set<StoreKey>(),
    };
    this.#leases.set(lease.id, lease);
    return lease;
  }

  /** @returns `null` when the lease is gone. */
  keepAlive(id: LeaseId, now: number): StoreLease | null {
    const lease = this.#leases.get(id);
    if (lease === undefined) return null;
    const renewed = { ...lease, expiresAt: now + lease.ttlMs };
    this.#leases.set(id, renewed);
    return renewed;
  }

  /** A new leader gives every lease its full time again, and an election timeout more. */
  extendAll(now: number, electionTimeoutMs: number): void {
    for (const lease of this.#leases.values()) {
      this.#leases.set(lease.id, { ...lease, expiresAt: now + lease.ttlMs + electionTimeoutMs });
    }
  }

  /** Bind a key to a lease, or to none, and take it from the one it was bound to. */
  attach(key: StoreKey, binding: { readonly from: LeaseId | null; readonly to: LeaseId | null }): void {
    if (binding.from !== null) this.#changeKeys(binding.from, (keys) => keys.delete(key));
    if (binding.to !== null) this.#changeKeys(binding.to, (keys) => keys.add(key));
  }

  /** End a lease now. @returns `null` when there was none. */
  take(id: LeaseId): StoreLease | null {
    const lease = this.#leases.get(id) ?? null;
    this.#leases.delete(id);
    return lease;
  }

  /** Run out, and not ended yet: it can neither be renewed nor is it gone. */
  isExpired(id: LeaseId, now: number): boolean {
    const lease = this.#leases.get(id);
    return lease !== undefined && lease.expiresAt <= now;
  }

  /** Whatever has run out, the oldest first. */
  expired(now: number): readonly LeaseId[] {
    const those: LeaseId[] = [];
    for (const lease of this.#leases.values()) if (lease.expiresAt <= now) those.push(lease.id);
    return those;
  }

  all(): readonly StoreLease[] {
    return [...this.#leases.values()];
  }

  /** Go on with these and no others; ids are never given twice. */
  replace(leases: readonly StoreLease[]): void {
    this.#leases.clear();
    for (const lease of leases) this.#leases.set(lease.id, lease);
  }

  #changeKeys(id: LeaseId, change: (keys: Set<StoreKey>) => void): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    const keys = new Set(lease.keys);
    change(keys);
    this.#leases.set(id, { ...lease, keys });
  }
}
