import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/**
 * Which hosts are outside the promise of docs/faults.md at the moment, and why. One reason may be there several times over:
 * it ends with the last of them.
 */
export class Excuses {
  readonly #emit: (fact: Fact) => void;
  readonly #reasons = new Map<Place, Map<string, number>>();

  constructor(emit: (fact: Fact) => void) {
    this.#emit = emit;
  }

  /** @returns what ends it; calling that twice ends it once. */
  begin(host: Place, why: string): () => void {
    const reasons = this.#reasons.get(host) ?? new Map<string, number>();
    this.#reasons.set(host, reasons);
    const before = reasons.get(why) ?? 0;
    reasons.set(why, before + 1);
    if (before === 0) this.#emit({ kind: 'excused', host, why });
    let lasts = true;
    return () => {
      if (!lasts) return;
      lasts = false;
      const left = (reasons.get(why) ?? 1) - 1;
      reasons.set(why, left);
      if (left === 0) this.#emit({ kind: 'excuse-ended', host, why });
    };
  }
}
