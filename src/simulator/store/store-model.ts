import type { LeaseId, Revision, StoreKey } from '../../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../domain/store-write.ts';
import type { Millis } from '../../domain/time.ts';
import { millis } from '../../domain/time.ts';
import type { GrantOutcome, KeepAliveOutcome } from '../../ports/heartbeat.ts';
import type { ReadOutcome } from '../../ports/store.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Fact } from '../world/facts.ts';
import type { Network, Place } from '../world/network.ts';
import { drawSpan, type Settings } from '../world/settings.ts';
import { KeySpace, storedText } from './key-space.ts';
import { Leadership, type StoreMember } from './leadership.ts';
import { LeaseTable } from './lease-table.ts';

/** A request on its way through the store: arrives at a member, is forwarded, committed at one instant, answered. */
export type StoreCall<Answer> = {
  readonly from: Place;
  readonly endpoint: StoreMember;
  readonly commit: () => Answer;
  /** What a leader that lost its majority without knowing says; `null`: nothing, it needs consensus. */
  readonly asDeposed: (() => Answer) | null;
  readonly refuse: (reason: string) => Answer;
  readonly unreachable: (reason: string) => Answer;
  /** Called at the sender, perhaps never. */
  readonly reply: (answer: Answer) => void;
};

/** The replicated store: linearizable, with leases, elections, and everything that may go wrong on the way to it. */
export class StoreModel {
  readonly keys = new KeySpace();
  readonly leases: LeaseTable;
  readonly leadership: Leadership;
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #emit: (fact: Fact) => void;
  readonly #watchers = new Set<(revision: Revision) => void>();
  #parked: (() => void)[] = [];
  #refusing: string | null = null;
  #extraCommitMs = 0;
  #replyLoss = 0;
  #requestLoss = 0;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly settings: Settings;
    readonly members: readonly StoreMember[];
    readonly emit: (fact: Fact) => void;
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#settings = options.settings;
    this.#emit = options.emit;
    this.leases = new LeaseTable(options.settings);
    this.leadership = new Leadership({
      ...options,
      electionTimeoutMs: options.settings.electionTimeoutMs,
      onElected: () => this.#elected(),
    });
    this.#scanLeases();
  }

  /** Trouble that a fault switches on and off; several faults may not use one field at a time. */
  trouble(change: {
    readonly refusing?: string | null;
    readonly extraCommitMs?: number;
    readonly replyLoss?: number;
    readonly requestLoss?: number;
  }): void {
    if (change.refusing !== undefined) this.#refusing = change.refusing;
    this.#extraCommitMs = change.extraCommitMs ?? this.#extraCommitMs;
    this.#replyLoss = change.replyLoss ?? this.#replyLoss;
    this.#requestLoss = change.requestLoss ?? this.#requestLoss;
  }

  /** Told of each revision when it is committed. @returns a function that ends it. */
  onChange(listener: (revision: Revision) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  submit<Answer>(call: StoreCall<Answer>): void {
    const { endpoint } = call;
    if (!this.#network.delivers(call.from, endpoint.place) || this.#chance('lost requests', this.#requestLoss)) return;
    this.#later(this.#latency(), 'store request', () => {
      if (!this.leadership.isUp(endpoint)) {
        if (!this.#network.isDown(endpoint.place)) this.#answer(call, call.unreachable('connection refused'));
        return;
      }
      if (this.#refusing !== null) {
        this.#answer(call, call.refuse(this.#refusing));
        return;
      }
      this.#atMember(call);
    });
  }

  grant(ttl: Millis, by: { readonly place: Place; readonly sentAt: number }): GrantOutcome {
    const lease = this.leases.grant(ttl, this.#kernel.now);
    this.#emit({ kind: 'lease-extended', lease: lease.id, by: by.place, sentAt: by.sentAt, ttl: lease.ttlMs });
    return { kind: 'granted', lease: lease.id, ttl: millis(lease.ttlMs) };
  }

  keepAlive(id: LeaseId, by: { readonly place: Place; readonly sentAt: number }): KeepAliveOutcome {
    const lease = this.leases.keepAlive(id, this.#kernel.now);
    if (lease === null) return { kind: 'gone' };
    this.#emit({ kind: 'lease-extended', lease: id, by: by.place, sentAt: by.sentAt, ttl: lease.ttlMs });
    return { kind: 'alive', ttl: millis(lease.ttlMs), term: this.leadership.term };
  }

  /** The deposed leader's word: it says alive and extends nothing. */
  keepAliveAsDeposed(id: LeaseId): KeepAliveOutcome {
    const lease = this.leases.get(id);
    return lease === null ? { kind: 'gone' } : { kind: 'alive', ttl: millis(lease.ttlMs), term: this.leadership.term };
  }

  /** An operator ends a lease; its keys go with it. */
  revoke(id: LeaseId): void {
    this.#delete([...(this.leases.take(id)?.keys ?? [])], null);
  }

  write(write: StoreWrite, by: Place | null): WriteOutcome {
    if (!this.keys.satisfies(write.when)) return { kind: 'conflict', revision: this.keys.revision };
    if (write.action.kind === 'delete') {
      this.#delete([write.key], by);
      return { kind: 'written', revision: this.keys.revision };
    }
    const { lease } = write.action;
    if (lease !== null && !this.leases.isAlive(lease)) return { kind: 'lease-gone' };
    const previous = this.keys.get(write.key);
    const value = storedText(write.action.value);
    this.keys.put({ key: write.key, value, lease });
    this.leases.attach(write.key, { from: previous?.lease ?? null, to: lease });
    this.#changed({ key: write.key, value, previous: previous?.value ?? null, lease, by });
    return { kind: 'written', revision: this.keys.revision };
  }

  read(key: StoreKey | 'everything'): ReadOutcome {
    const all = this.keys.all();
    const pairs = key === 'everything' ? all : all.filter((pair) => pair.key === key);
    return { kind: 'read', revision: this.keys.revision, pairs, term: this.leadership.term };
  }

  #atMember<Answer>(call: StoreCall<Answer>): void {
    const { leadership } = this;
    if (leadership.reachesLeader(call.endpoint)) {
      const commitMs = drawSpan(this.#kernel.random('store commit'), this.#settings.storeCommit) + this.#extraCommitMs;
      this.#later(commitMs, 'store commit', () => {
        if (!leadership.reachesLeader(call.endpoint)) return;
        this.#answer(call, call.commit());
      });
      return;
    }
    if (call.asDeposed !== null && leadership.believesToLead(call.endpoint)) {
      this.#answer(call, call.asDeposed());
      return;
    }
    // Some proposals survive the gap between two leaders and are committed long after their sender gave up.
    const survives = leadership.leader === null && this.#kernel.random('parked requests').chance(0.3);
    if (survives && this.#parked.length < PARKED_MAX) this.#parked.push(() => this.#atMember(call));
  }

  #answer<Answer>(call: StoreCall<Answer>, answer: Answer): void {
    if (this.#chance('lost replies', this.#replyLoss)) return;
    this.#later(this.#latency(), 'store reply', () => {
      if (this.leadership.isUp(call.endpoint) && this.#network.delivers(call.endpoint.place, call.from))
        call.reply(answer);
    });
  }

  #elected(): void {
    this.leases.extendAll(this.#kernel.now, this.#settings.electionTimeoutMs);
    const parked = this.#parked;
    this.#parked = [];
    for (const run of parked) this.#later(this.#latency(), 'parked store request', run);
  }

  #scanLeases(): void {
    this.#kernel.after(LEASE_SCAN_MS, null, 'lease scan', () => {
      if (this.leadership.leader !== null) {
        for (const lease of this.leases.takeExpired(this.#kernel.now)) this.#delete([...lease.keys], null);
      }
      this.#scanLeases();
    });
  }

  #delete(keys: readonly StoreKey[], by: Place | null): void {
    const gone = keys.map((key) => this.keys.get(key)).filter((pair) => pair !== null);
    if (gone.length === 0) return;
    this.keys.delete(keys);
    for (const pair of gone) {
      this.leases.attach(pair.key, { from: pair.lease, to: null });
      this.#emitStored({ key: pair.key, value: null, previous: pair.value, lease: null, by });
    }
    this.#tellWatchers();
  }

  #changed(change: StoredChange): void {
    this.#emitStored(change);
    this.#tellWatchers();
  }

  #emitStored(change: StoredChange): void {
    this.#kernel.note('store', () => {
      const by = change.by === null ? '' : ` by ${change.by}`;
      return `${this.keys.revision} ${change.key}${by}: ${change.value ?? 'gone'}`;
    });
    this.#emit({ kind: 'stored', revision: this.keys.revision, ...change });
  }

  #tellWatchers(): void {
    for (const watcher of this.#watchers) watcher(this.keys.revision);
  }

  #latency(): number {
    return drawSpan(this.#kernel.random('store latency'), this.#settings.network);
  }

  #chance(purpose: string, probability: number): boolean {
    return probability > 0 && this.#kernel.random(purpose).chance(probability);
  }

  #later(delay: number, label: string, run: () => void): void {
    this.#kernel.after(delay, null, label, run);
  }
}

type StoredChange = {
  readonly key: StoreKey;
  readonly value: string | null;
  readonly previous: string | null;
  readonly lease: LeaseId | null;
  readonly by: Place | null;
};

/** How often etcd's leader looks for leases that ran out. */
const LEASE_SCAN_MS = 500;
const PARKED_MAX = 100;
