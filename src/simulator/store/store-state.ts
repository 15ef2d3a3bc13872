import type { LeaseId, StoreKey } from '../../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../domain/store-write.ts';
import type { Millis } from '../../domain/time.ts';
import { millis } from '../../domain/time.ts';
import type { GrantOutcome, KeepAliveOutcome } from '../../ports/heartbeat.ts';
import type { ReadOutcome } from '../../ports/store.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import { type KeyBackup, KeySpace, storedText } from './key-space.ts';
import { LeaseTable, type StoreLease } from './lease-table.ts';

/** Who asks, and when the request left, in world time. */
export type Sender = { readonly place: Place; readonly sentAt: number };

/** What an operator keeps of a store to go back to. */
export type StoreBackup = { readonly keys: KeyBackup; readonly leases: readonly StoreLease[] };

/** What the members of the store agree on, changed by one command at a time; every change is a fact. */
export class StoreState {
  readonly keys = new KeySpace();
  readonly leases: LeaseTable;
  readonly #kernel: Kernel;
  readonly #emit: (fact: Fact) => void;
  readonly #onChange: () => void;

  constructor(options: {
    readonly kernel: Kernel;
    readonly settings: Settings;
    readonly emit: (fact: Fact) => void;
    readonly onChange: () => void;
  }) {
    this.#kernel = options.kernel;
    this.#emit = options.emit;
    this.#onChange = options.onChange;
    this.leases = new LeaseTable(options.settings);
  }

  grant(ttl: Millis, by: Sender): GrantOutcome {
    const lease = this.leases.grant(ttl, this.#kernel.now);
    this.#emit({ kind: 'lease-extended', lease: lease.id, by: by.place, sentAt: by.sentAt, ttl: lease.ttlMs });
    return { kind: 'granted', lease: lease.id, ttl: millis(lease.ttlMs) };
  }

  keepAlive(id: LeaseId, by: Sender, { now, term }: { readonly now: number; readonly term: bigint }): KeepAliveOutcome {
    const lease = this.leases.keepAlive(id, now);
    if (lease === null) return { kind: 'gone' };
    this.#emit({ kind: 'lease-extended', lease: id, by: by.place, sentAt: by.sentAt, ttl: lease.ttlMs, at: now });
    return { kind: 'alive', ttl: millis(lease.ttlMs), term };
  }

  write(write: StoreWrite, by: Sender | null): WriteOutcome {
    if (!this.keys.satisfies(write.when)) return { kind: 'conflict', revision: this.keys.revision };
    if (write.action.kind === 'delete') {
      this.#delete([write.key], by?.place ?? null);
      return { kind: 'written', revision: this.keys.revision };
    }
    const { lease } = write.action;
    if (lease !== null && !this.leases.isAlive(lease)) return { kind: 'lease-gone' };
    const previous = this.keys.get(write.key);
    const value = storedText(write.action.value);
    this.keys.put({ key: write.key, value, lease });
    this.leases.attach(write.key, { from: previous?.lease ?? null, to: lease });
    const sender = by === null ? { by } : { by: by.place, sentAt: by.sentAt };
    this.#stored({ key: write.key, value, previous: previous?.value ?? null, lease, ...sender });
    this.#onChange();
    return { kind: 'written', revision: this.keys.revision };
  }

  read(key: StoreKey | 'everything', term: bigint): ReadOutcome {
    const all = this.keys.all();
    const pairs = key === 'everything' ? all : all.filter((pair) => pair.key === key);
    return { kind: 'read', revision: this.keys.revision, pairs, term };
  }

  /** A lease ends, run out or revoked by an operator; its keys go with it. */
  revoke(id: LeaseId): void {
    this.#delete([...(this.leases.take(id)?.keys ?? [])], null);
  }

  backup(): StoreBackup {
    return { keys: { revision: this.keys.revision, pairs: this.keys.all() }, leases: this.leases.all() };
  }

  /** Be again what the backup says; whatever came later never was. Leases go on with their full time. */
  restore({ keys, leases }: StoreBackup): void {
    const lost = this.keys.all();
    this.leases.replace(leases);
    this.leases.extendAll(this.#kernel.now, 0);
    this.keys.replace(keys);
    this.#kernel.note('store', () => `is restored from a backup, at revision ${this.keys.revision}`);
    for (const { key, value } of lost) this.#stored({ key, value: null, previous: value, lease: null, by: null });
    for (const { key, value, lease } of keys.pairs) this.#stored({ key, value, previous: null, lease, by: null });
    this.#onChange();
  }

  #delete(keys: readonly StoreKey[], by: Place | null): void {
    const gone = keys.map((key) => this.keys.get(key)).filter((pair) => pair !== null);
    if (gone.length === 0) return;
    this.keys.delete(keys);
    for (const pair of gone) {
      this.leases.attach(pair.key, { from: pair.lease, to: null });
      this.#stored({ key: pair.key, value: null, previous: pair.value, lease: null, by });
    }
    this.#onChange();
  }

  #stored(change: StoredChange): void {
    this.#kernel.note('store', () => {
      const by = change.by === null ? '' : ` by ${change.by}`;
      return `${this.keys.revision} ${change.key}${by}: ${change.value ?? 'gone'}`;
    });
    this.#emit({ kind: 'stored', revision: this.keys.revision, ...change });
  }
}

type StoredChange = {
  readonly key: StoreKey;
  readonly value: string | null;
  readonly previous: string | null;
  readonly lease: LeaseId | null;
  readonly by: Place | null;
  readonly sentAt?: number;
};
