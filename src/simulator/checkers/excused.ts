import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/** Who is outside the promise at the moment, for a reason that docs/faults.md marks as not covered. */
export class Excused {
  static readonly hears = ['excused', 'excuse-ended'] as const;
  /** By host, for which reasons. */
  readonly #hosts = new Map<Place, Set<string>>();
  readonly #why: string | null;

  /** @param why only for this reason; any, when it is not given. */
  constructor(why: string | null = null) {
    this.#why = why;
  }

  see(fact: Fact): void {
    if (fact.kind === 'excused' && (this.#why ?? fact.why) === fact.why) {
      this.#hosts.set(fact.host, (this.#hosts.get(fact.host) ?? new Set()).add(fact.why));
    }
    if (fact.kind !== 'excuse-ended') return;
    const reasons = this.#hosts.get(fact.host);
    reasons?.delete(fact.why);
    if (reasons?.size === 0) this.#hosts.delete(fact.host);
  }

  covers(host: Place): boolean {
    return this.#hosts.has(host);
  }

  get coversAnybody(): boolean {
    return this.#hosts.size > 0;
  }
}
