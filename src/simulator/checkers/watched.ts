import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/** Whose watchdog counts at the moment, and when it fires unless it is fed again. */
export class Watched {
  static readonly hears = ['watchdog-fed', 'watchdog-stopped', 'watchdog-reset'] as const;
  readonly #fires = new Map<Place, number>();

  see(fact: Fact): void {
    if (fact.kind === 'watchdog-fed') this.#fires.set(fact.host, fact.firesAt);
    if (fact.kind === 'watchdog-stopped' || fact.kind === 'watchdog-reset') this.#fires.delete(fact.host);
  }

  /** `null`: it does not count. */
  firesAt(host: Place): number | null {
    return this.#fires.get(host) ?? null;
  }

  covers(host: Place): boolean {
    return this.#fires.has(host);
  }
}
