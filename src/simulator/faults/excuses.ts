import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/**
 * Which hosts are outside the promise of docs/faults.md at the moment. Reasons may overlap: a host is excused until
 * the last of them has ended.
 */
export class Excuses {
  readonly #emit: (fact: Fact) => void;
  readonly #reasons = new Map<Place, number>();

  constructor(emit: (fact: Fact) => void) {
    this.#emit = emit;
  }

  /** @returns what ends it; calling that twice ends it once. */
  begin(host: Place, why: string): () => void {
    const before = this.#reasons.get(host) ?? 0;
    this.#reasons.set(host, before + 1);
    if (before === 0) this.#emit({ kind: 'excused', host, why });
    let lasts = true;
    return () => {
      if (!lasts) return;
      lasts = false;
      const left = (this.#reasons.get(host) ?? 1) - 1;
      this.#reasons.set(host, left);
      if (left === 0) this.#emit({ kind: 'excuse-ended', host });
    };
  }
}
