import type { SlotName } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Walsenders whose standby is gone without a word: its machine lost its power, or the path was cut when it ended. Until
 * they time out, or a machine that is back disowns their connection, each has its slot, is shown, and counts for commits
 * with what was heard of it last.
 */
export class BrokenConnections {
  readonly #at: Surroundings;
  readonly #settle: () => void;
  #all: readonly BrokenConnection[] = [];

  /** @param options.settle called before it changes who is there. */
  constructor(options: { readonly at: Surroundings; readonly settle: () => void }) {
    this.#at = options.at;
    this.#settle = options.settle;
    this.#at.network.onChange({ after: () => this.#pathChanged() });
  }

  get all(): readonly BrokenConnection[] {
    return this.#all;
  }

  /** How long until the last of them has timed out. */
  get lastFor(): number {
    return Math.max(0, ...this.#all.map((each) => each.until - this.#at.kernel.now));
  }

  add(last: LastWord): void {
    const { kernel, settings, host } = this.#at;
    const until = last.heardAt + this.#at.draw('walsender timeout', settings.brokenConnections);
    if (until <= kernel.now) return;
    const connection = { ...last, until };
    this.#all = [...this.#all, connection];
    kernel.note(host, () => `keeps the connection of ${last.applicationName} for ${Math.round(until - kernel.now)} ms`);
    this.#endAfter(until - kernel.now, connection);
  }

  /** Its processes are gone. */
  forget(): void {
    this.#all = [];
  }

  /** What is sent again into a path that is whole is answered with a reset; it is sent again the later, the longer that took. */
  #pathChanged(): void {
    const { kernel, network, host } = this.#at;
    for (const each of this.#all) {
      if (!network.connects(host, each.host)) continue;
      const sentAgainAfter = (kernel.now - each.heardAt) * kernel.random('postgres sent again').between(0, 1);
      this.#endAfter(sentAgainAfter, each);
    }
  }

  #endAfter(delay: number, connection: BrokenConnection): void {
    this.#at.later(delay, 'a broken connection ends', () => {
      const isOver = connection.until <= this.#at.kernel.now;
      if (!isOver && !this.#at.network.connects(this.#at.host, connection.host)) return;
      if (!this.#all.includes(connection)) return;
      this.#settle();
      this.#all = this.#all.filter((each) => each !== connection);
    });
  }
}

export type BrokenConnection = LastWord & { readonly until: number };

/** What a server knows of a standby that it does not hear any more. */
export type LastWord = {
  readonly applicationName: string;
  readonly host: Place;
  readonly slot: SlotName | null;
  readonly position: number;
  readonly replayed: number;
  /** Nobody waits for one that had not. */
  readonly hasCaughtUp: boolean;
  readonly heardAt: number;
};
