import type { Actor } from '../kernel/actor.ts';

/**
 * A backend that pays no attention to SIGTERM: busy in a loop, or waiting where nothing wakes it. An orderly stop waits
 * for it as long as it lasts, and what it had begun to commit it may still acknowledge.
 */
export class StuckBackend {
  readonly #actor: Actor;
  #waiting: (() => void)[] | null = null;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  /** How long a postmaster that wants its children gone at once waits for it. */
  get killedAfterMs(): number {
    return this.#waiting === null ? 0 : POSTMASTER_KILLS_AFTER_MS;
  }

  begin(): void {
    this.#waiting ??= [];
  }

  /** It was killed, and so were all others: what waited for it never comes. */
  forget(): void {
    this.#waiting = null;
  }

  /** It ended by itself: what waited for it goes on. */
  end(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const run of waiting) run();
  }

  /** At once where nothing is stuck; never, once the processes that waited are others' successors. */
  onceEnded(run: () => void): void {
    const { life } = this.#actor;
    if (this.#waiting === null) run();
    else this.#waiting.push(() => this.#actor.receive(life, run));
  }
}

/** A postmaster that wants its children gone at once kills those that are still there after this. */
const POSTMASTER_KILLS_AFTER_MS = 5000;
