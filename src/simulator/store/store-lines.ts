import type { StoreMember } from './leadership.ts';
import { type ClientSetup, StoreLine } from './store-line.ts';

/**
 * The one connection in use: the twin of the adapter's `Connections` and `dial`. It stays with a member as long as that
 * answers; all requests and streams share it, so that a late answer to one of them moves them all.
 */
export class StoreLines {
  readonly #setup: ClientSetup;
  #order: readonly StoreMember[];
  #current: StoreLine | null = null;
  #waiting: ((line: StoreLine | null) => void)[] = [];

  constructor(setup: ClientSetup, options: { readonly firstEndpoint: number }) {
    const { members } = setup.store.leadership;
    this.#setup = setup;
    this.#order = [...members.slice(options.firstEndpoint), ...members.slice(0, options.firstEndpoint)];
  }

  /** The member that is connected, if any. */
  get member(): StoreMember | null {
    return this.#current?.member ?? null;
  }

  /** The line in use, at once or after dialing; `null`: nobody could be reached. */
  current(then: (line: StoreLine | null) => void): void {
    if (this.#current?.isUp === true) {
      then(this.#current);
      return;
    }
    this.#waiting.push(then);
    if (this.#waiting.length === 1) this.#dial();
  }

  /** Use another member from now on, if this line is the one in use. */
  leave(line: StoreLine, reason: string): void {
    if (line !== this.#current) return;
    this.#current = null;
    this.#order = [...this.#order.filter((each) => each !== line.member), line.member];
    line.close(reason);
  }

  leaveCurrent(reason: string): void {
    if (this.#current !== null) this.leave(this.#current, reason);
  }

  /** The members in their order, the next one beside a silent one after a head start; the first that answers is taken. */
  #dial(): void {
    const { kernel, actor, store } = this.#setup;
    const order = this.#order;
    let isSettled = false;
    let begun = 0;
    let pending = 0;
    const settle = (line: StoreLine | null): void => {
      isSettled = true;
      this.#settled(line);
    };
    const fails = (): void => {
      pending -= 1;
      if (!isSettled) tryNext();
    };
    const connects = (index: number, member: StoreMember): void => {
      if (isSettled) return;
      if (this.#reach(member) !== 'up') {
        fails();
        return;
      }
      this.#order = [...order.slice(index), ...order.slice(0, index)];
      settle(new StoreLine(this.#setup, member));
    };
    const tryNext = (): void => {
      const index = begun;
      const member = order[index];
      if (member === undefined) {
        if (pending === 0) settle(null);
        return;
      }
      begun += 1;
      pending += 1;
      if (this.#reach(member) !== 'silent') {
        kernel.after(store.latency() + store.latency(), actor, 'store connects', () => connects(index, member));
        return;
      }
      const turn = begun;
      kernel.after(HEAD_START_MS, actor, 'store dials the next', () => {
        if (!isSettled && turn === begun) tryNext();
      });
      kernel.after(DIAL_LIMIT_MS, actor, 'store dial limit', fails);
    };
    tryNext();
  }

  #reach(member: StoreMember): 'up' | 'refuses' | 'silent' {
    const { network, place, store } = this.#setup;
    if (!network.connects(place, member.place)) return 'silent';
    const state = store.leadership.stateOf(member);
    return state === 'stopped' ? 'refuses' : state;
  }

  #settled(line: StoreLine | null): void {
    this.#current = line;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) then(line);
  }
}

const HEAD_START_MS = 250;
const DIAL_LIMIT_MS = 3000;
