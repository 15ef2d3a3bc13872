import type { LeaseId } from '../../domain/names.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { drawSpan, type Settings } from '../world/settings.ts';
import type { Leadership } from './leadership.ts';
import type { StoreState } from './store-state.ts';
import type { StoreTroubles } from './store-troubles.ts';

type ExpiringStore = {
  readonly kernel: Kernel;
  readonly settings: Settings;
  readonly state: StoreState;
  readonly leadership: Leadership;
  readonly troubles: StoreTroubles;
};

/** From now on, whenever there is a leader, it looks now and then for leases that ran out. */
export function expireLeases(store: ExpiringStore): void {
  const { kernel, state, leadership } = store;
  kernel.after(LEASE_SCAN_MS, null, 'lease scan', () => {
    for (const id of leadership.leader === null ? [] : state.leases.expired(kernel.now)) revoke(store, id);
    expireLeases(store);
  });
}

/** By a command like any other: a leader that is deposed first revokes nothing. */
function revoke({ kernel, state, leadership, settings, troubles }: ExpiringStore, id: LeaseId): void {
  const commitMs = drawSpan(kernel.random('lease revocation'), settings.storeCommit) + troubles.extraCommitMs;
  kernel.after(commitMs, null, 'lease revocation', () => {
    if (leadership.leader !== null && state.leases.isExpired(id, kernel.now)) state.revoke(id);
  });
}

/** How often etcd's leader looks. */
const LEASE_SCAN_MS = 500;
