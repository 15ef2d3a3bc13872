import type { LeaseId } from '../../domain/names.ts';
import { millis } from '../../domain/time.ts';
import type { KeepAliveOutcome } from '../../ports/heartbeat.ts';
import type { StoreLease } from './lease-table.ts';
import type { Sender, StoreState } from './store-state.ts';

/**
 * What a store leader that has lost its majority goes on saying. Its word extends nothing once another one leads; if it
 * has its majority back before that, in the same term, all that it said counts.
 */
export class DeposedLeader {
  #known: ReadonlyMap<LeaseId, number> = new Map();
  readonly #said = new Map<LeaseId, { readonly by: Sender; readonly at: number }>();

  /** A leader loses its majority, and knows these leases. */
  begins(leases: readonly StoreLease[]): void {
    this.#known = new Map(leases.map((lease) => [lease.id, lease.ttlMs]));
    this.#said.clear();
  }

  keepAlive(id: LeaseId, by: Sender, { now, term }: { readonly now: number; readonly term: bigint }): KeepAliveOutcome {
    const ttlMs = this.#known.get(id);
    if (ttlMs === undefined) return { kind: 'gone' };
    this.#said.set(id, { by, at: now });
    return { kind: 'alive', ttl: millis(ttlMs), term };
  }

  /** It leads on. */
  goesOn(state: StoreState, term: bigint): void {
    for (const [id, { by, at }] of this.#said) state.keepAlive(id, by, { now: at, term });
    this.#said.clear();
  }
}
