import type { Fault } from '../faults/fault.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

export type Disturbance = {
  readonly fault: Fault;
  /** `null`: it hit the store, or everybody. */
  readonly host: Place | null;
  readonly from: number;
  /** When it ends by itself; `from` for what is over at once. */
  readonly to: number;
};

/** Which injected faults last, or were over only a moment ago. */
export class Disturbances {
  static readonly hears = ['fault', 'faults-over'] as const;
  #known: readonly Disturbance[] = [];

  see(fact: Fact, now: number): void {
    if (fact.kind === 'fault') {
      const { fault, host } = fact;
      const to = 'span' in fault ? now + fault.span : now;
      const remembered = this.#known.filter((each) => each.to >= now - REMEMBERED_MS);
      this.#known = [...remembered, { fault, host, from: now, to }];
    }
    if (fact.kind === 'faults-over') this.#known = this.#known.map((each) => ({ ...each, to: Math.min(each.to, now) }));
  }

  /** What lasted at some moment of [from, now]. */
  since(from: number): readonly Disturbance[] {
    return this.#known.filter((each) => each.to >= from);
  }
}

/** No checker asks for anything older. */
const REMEMBERED_MS = 600_000;
