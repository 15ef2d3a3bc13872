/** A machine on the network: a host with PostgreSQL, or a member of the store. */
export type Place = string;

/** The hosts with PostgreSQL are `a`, `b`, `c` …, in the order of their numbers. */
export function placeOf(number: number): Place {
  return String.fromCharCode('a'.charCodeAt(0) + number);
}

/**
 * Who can send to whom. A cut is directed, so that requests may arrive whose answers do not. Latencies are drawn by
 * whoever sends; the network only says whether a message gets through at this moment.
 */
export class Network {
  readonly #cuts = new Map<string, number>();
  readonly #downPlaces = new Set<Place>();
  readonly #beforeChange: (() => void)[] = [];
  readonly #afterChange: (() => void)[] = [];

  /** `before` runs while the old paths still hold, `after` when the new ones do. */
  onChange(listener: { readonly before?: () => void; readonly after?: () => void }): void {
    if (listener.before !== undefined) this.#beforeChange.push(listener.before);
    if (listener.after !== undefined) this.#afterChange.push(listener.after);
  }

  /** Does a message from `from` get to `to` now? A machine always reaches itself while it is up. */
  delivers(from: Place, to: Place): boolean {
    if (this.#downPlaces.size > 0 && (this.#downPlaces.has(from) || this.#downPlaces.has(to))) return false;
    return this.#cuts.size === 0 || from === to || !this.#cuts.has(`${from}>${to}`);
  }

  /** Can they talk: messages pass in both directions? */
  connects(a: Place, b: Place): boolean {
    return this.delivers(a, b) && this.delivers(b, a);
  }

  isDown(place: Place): boolean {
    return this.#downPlaces.has(place);
  }

  /** Cuts add up: a path that was cut twice needs two heals. */
  cut(paths: readonly Path[]): void {
    this.#change(() => {
      for (const { from, to } of paths) this.#cuts.set(`${from}>${to}`, (this.#cuts.get(`${from}>${to}`) ?? 0) + 1);
    });
  }

  heal(paths: readonly Path[]): void {
    this.#change(() => {
      for (const { from, to } of paths) {
        const count = (this.#cuts.get(`${from}>${to}`) ?? 0) - 1;
        if (count > 0) this.#cuts.set(`${from}>${to}`, count);
        else this.#cuts.delete(`${from}>${to}`);
      }
    });
  }

  healEverything(): void {
    this.#change(() => this.#cuts.clear());
  }

  powerOff(place: Place): void {
    this.#change(() => this.#downPlaces.add(place));
  }

  powerOn(place: Place): void {
    this.#change(() => this.#downPlaces.delete(place));
  }

  #change(apply: () => void): void {
    for (const listener of this.#beforeChange) listener();
    apply();
    for (const listener of this.#afterChange) listener();
  }
}

export type Path = { readonly from: Place; readonly to: Place };
