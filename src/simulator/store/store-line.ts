import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Network, Place } from '../world/network.ts';
import type { StoreMember } from './leadership.ts';
import type { StoreLineEnd, StoreModel } from './store-model.ts';

/** What every part of one process's client has around it. */
export type ClientSetup = {
  readonly kernel: Kernel;
  readonly store: StoreModel;
  readonly network: Network;
  readonly place: Place;
  readonly actor: Actor;
};

/** One connection to one member. It breaks when the member's process ends, and says so if the way back is open. */
export class StoreLine implements StoreLineEnd {
  readonly member: StoreMember;
  readonly #setup: ClientSetup;
  readonly #actorLife: number;
  readonly #streams = new Set<LineUser>();
  readonly #calls = new Set<LineUser>();
  #state: 'up' | 'broken' | 'closed' = 'up';

  constructor(setup: ClientSetup, member: StoreMember) {
    this.member = member;
    this.#setup = setup;
    this.#actorLife = setup.actor.life;
    setup.store.accept(this);
  }

  /** As far as the socket tells. */
  get isUp(): boolean {
    return this.#state === 'up';
  }

  isOver(): boolean {
    const { actor } = this.#setup;
    return this.#state !== 'up' || actor.life !== this.#actorLife;
  }

  /** A request keeps its time when the line is closed, and fails when it breaks. @returns what forgets it. */
  carryCall(user: LineUser): () => void {
    this.#calls.add(user);
    return () => this.#calls.delete(user);
  }

  /** A stream ends with the line, however that ends. */
  carryStream(user: LineUser): () => void {
    this.#streams.add(user);
    return () => this.#streams.delete(user);
  }

  /** We do not want it any more. */
  close(reason: string): void {
    this.#state = 'closed';
    this.#end(this.#streams, reason);
  }

  memberStopped(member: StoreMember): void {
    const { kernel, network, store, actor, place } = this.#setup;
    if (member !== this.member || !network.delivers(member.place, place)) return;
    kernel.after(store.latency(), actor, 'store connection breaks', () => {
      if (this.#state === 'closed') return;
      this.#state = 'broken';
      this.#end(this.#streams, 'the connection broke');
      this.#end(this.#calls, 'the connection broke');
    });
  }

  #end(users: Set<LineUser>, reason: string): void {
    const ended = [...users];
    users.clear();
    for (const user of ended) user(reason);
  }
}

/** Told once why the line is gone. */
export type LineUser = (reason: string) => void;
