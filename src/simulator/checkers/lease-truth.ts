import type { LeaseId } from '../../domain/names.ts';
import { storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/**
 * Until when each node holds the lock in truth: the last instant at which a keep-alive was sent that the store's leader
 * really granted, while the lock lay on that lease, plus the time granted (docs/faults.md). A reply that never came
 * counts for the node, and one that a deposed leader gave does not.
 */
export class LeaseTruth {
  static readonly hears = ['lease-extended', 'stored'] as const;
  readonly #deadlines = new Map<Place, number>();
  readonly #extended = new Map<LeaseId, { readonly sentAt: number; readonly ttl: number }>();
  #lockLease: LeaseId | null = null;
  #holder: Place | null = null;
  #everLocked = false;

  /** The node that the lock names at this moment. */
  get holder(): Place | null {
    return this.#holder;
  }

  get everLocked(): boolean {
    return this.#everLocked;
  }

  /** `null`: this node never had the lock. */
  deadlineOf(host: Place): number | null {
    return this.#deadlines.get(host) ?? null;
  }

  see(fact: Fact, now: number): void {
    if (fact.kind === 'lease-extended') {
      this.#extended.set(fact.lease, fact);
      if (fact.lease === this.#lockLease) this.#extend(fact.by, fact.lease);
    }
    if (fact.kind !== 'stored' || fact.key !== LEADER) return;
    // Whoever gives its lock up has no lease to write under from that moment on.
    if (fact.value === null && fact.by !== null && fact.by === fact.previous) this.#deadlines.set(fact.by, now);
    this.#everLocked ||= fact.value !== null;
    this.#holder = fact.value;
    this.#lockLease = fact.lease;
    if (fact.value !== null && fact.lease !== null) this.#extend(fact.value, fact.lease);
  }

  #extend(host: Place, lease: LeaseId): void {
    const last = this.#extended.get(lease);
    if (last === undefined) return;
    this.#deadlines.set(host, Math.max(this.#deadlines.get(host) ?? 0, last.sentAt + last.ttl));
  }
}

const LEADER = storeKey('leader');
