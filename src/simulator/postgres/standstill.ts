/**
 * Why the processes of a data directory do not go on: the whole machine stands still; a signal stopped them, which
 * SIGKILL does not mind; or their disk does not answer, so that nobody can even be ended before it does.
 */
export type Standstill = 'machine' | 'stopped' | 'disk';

/** Several may last at one time. */
export class Standstills {
  readonly #lasting = new Set<Standstill>();

  get any(): boolean {
    return this.#lasting.size > 0;
  }

  has(why: Standstill): boolean {
    return this.#lasting.has(why);
  }

  begin(why: Standstill): void {
    this.#lasting.add(why);
  }

  /** @returns whether it lasted. */
  end(why: Standstill): boolean {
    return this.#lasting.delete(why);
  }

  forget(): void {
    this.#lasting.clear();
  }
}
