import type { HistogramReading } from '../../domain/meter-readings.ts';

/** How often something took how long: counts below each bound, as Prometheus adds them up. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** @param bounds ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
    this.#bounds.forEach((bound, at) => {
      if (value <= bound) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    });
  }

  reading(): HistogramReading {
    const buckets = this.#bounds.map((upTo, at) => ({ upTo, count: this.#counts[at] ?? 0 }));
    return { buckets, sum: this.#sum, count: this.#count };
  }
}
