import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/** Who is outside the promise at the moment, for a reason that docs/faults.md marks as not covered. */
export class Excused {
  static readonly hears = ['excused', 'excuse-ended'] as const;
  readonly #hosts = new Set<Place>();
  readonly #why: string | null;

  /** @param why only for this reason; any, when it is not given. */
  constructor(why: string | null = null) {
    this.#why = why;
  }

  see(fact: Fact): void {
    if (fact.kind === 'excused' && (this.#why ?? fact.why) === fact.why) this.#hosts.add(fact.host);
    if (fact.kind === 'excuse-ended') this.#hosts.delete(fact.host);
  }

  covers(host: Place): boolean {
    return this.#hosts.has(host);
  }

  get coversAnybody(): boolean {
    return this.#hosts.size > 0;
  }
}
