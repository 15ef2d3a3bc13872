import type { LeaseId, StoreKey } from '../../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../domain/store-write.ts';
import type { Millis } from '../../domain/time.ts';
import type { GrantOutcome, KeepAliveOutcome } from '../../ports/heartbeat.ts';
import type { ReadOutcome } from '../../ports/store.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Network, Place } from '../world/network.ts';
import type { StoreMember } from './leadership.ts';
import type { StoreModel } from './store-model.ts';

type NoAnswer = { readonly kind: 'no-answer'; readonly reason: string };

/**
 * One process's connection to the store: each call is sent once, to the present endpoint, and ends within its limit,
 * as an answer or as `no-answer`. The simulated twin of the `Store` port, with callbacks in place of promises.
 */
export class StoreConnection {
  readonly place: Place;
  readonly #kernel: Kernel;
  readonly #store: StoreModel;
  readonly #actor: Actor;
  readonly #network: Network;
  #endpointIndex: number;
  /** A request over a connection that stands gets there even when no answer comes back; a new one needs both ways. */
  #isConnected = false;

  constructor(options: {
    readonly kernel: Kernel;
    readonly store: StoreModel;
    readonly place: Place;
    readonly actor: Actor;
    readonly network: Network;
    readonly firstEndpoint: number;
  }) {
    this.place = options.place;
    this.#kernel = options.kernel;
    this.#store = options.store;
    this.#actor = options.actor;
    this.#network = options.network;
    this.#endpointIndex = options.firstEndpoint;
  }

  get endpoint(): StoreMember {
    const { members } = this.#store.leadership;
    const member = members[this.#endpointIndex % members.length];
    if (member === undefined) throw new RangeError('a store has at least one member');
    return member;
  }

  switchEndpoint(): void {
    this.#endpointIndex += 1;
    this.#isConnected = false;
  }

  grantLease(ttl: Millis, limit: Millis, done: (outcome: GrantOutcome) => void): void {
    const by = { place: this.place, sentAt: this.#kernel.now };
    this.#call<GrantOutcome>({ limit, done, commit: () => this.#store.grant(ttl, by) });
  }

  keepAlive(lease: LeaseId, limit: Millis, done: (outcome: KeepAliveOutcome) => void): void {
    const by = { place: this.place, sentAt: this.#kernel.now };
    this.#call<KeepAliveOutcome>({
      limit,
      done,
      commit: () => this.#store.keepAlive(lease, by),
      asDeposed: () => this.#store.keepAliveAsDeposed(lease),
    });
  }

  write(write: StoreWrite, limit: Millis, done: (outcome: WriteOutcome) => void): void {
    this.#call<WriteOutcome>({ limit, done, commit: () => this.#store.write(write, this.place) });
  }

  read(key: StoreKey | 'everything', limit: Millis, done: (outcome: ReadOutcome) => void): void {
    this.#call<ReadOutcome>({ limit, done, commit: () => this.#store.read(key) });
  }

  #call<Answer>(call: Call<Answer>): void {
    let open = true;
    const finish = (answer: Answer | NoAnswer | Refused): void => {
      if (!open) return;
      open = false;
      call.done(answer);
    };
    const { endpoint } = this;
    if (this.#isConnected || this.#network.connects(this.place, endpoint.place)) {
      this.#submit(call, finish);
    }
    this.#kernel.after(call.limit, this.#actor, 'store limit', () => {
      if (open && endpoint === this.endpoint) this.#isConnected = false;
      finish({ kind: 'no-answer', reason: 'no answer within the limit' });
    });
  }

  #submit<Answer>(call: Call<Answer>, finish: (answer: Answer | NoAnswer | Refused) => void): void {
    const { endpoint } = this;
    this.#store.submit<Answer | NoAnswer | Refused>({
      from: this.place,
      endpoint,
      commit: call.commit,
      asDeposed: call.asDeposed ?? null,
      refuse: (reason) => ({ kind: 'refused', reason }),
      unreachable: (reason) => ({ kind: 'no-answer', reason }),
      reply: (answer) => {
        this.#kernel.after(0, this.#actor, 'store answer', () => {
          if (endpoint === this.endpoint) this.#isConnected = true;
          finish(answer);
        });
      },
    });
  }
}

type Call<Answer> = {
  readonly limit: Millis;
  readonly done: (answer: Answer | NoAnswer | Refused) => void;
  readonly commit: () => Answer;
  readonly asDeposed?: () => Answer;
};

type Refused = { readonly kind: 'refused'; readonly reason: string };
