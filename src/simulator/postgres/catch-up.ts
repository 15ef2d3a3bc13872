/** How much of its upstream's WAL may have come over a connection by now: it goes at a finite speed from where that began. */
export class CatchUp {
  readonly #bytesPerMs: number;
  #from: number;
  #since: number;
  #heldAt: number | null = null;

  /** @param bytesPerMs `null`: all of it at once. */
  constructor(begin: { readonly position: number; readonly now: number; readonly bytesPerMs: number | null }) {
    this.#from = begin.position;
    this.#since = begin.now;
    this.#bytesPerMs = begin.bytesPerMs ?? Number.POSITIVE_INFINITY;
  }

  /** Not beyond this. */
  limitAt(time: number): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return this.#bytesPerMs;
    const elapsed = Math.min(time, this.#heldAt ?? time) - this.#since;
    return this.#from + Math.floor(Math.max(0, elapsed) * this.#bytesPerMs);
  }

  /** How long until so much has come. */
  reachesIn(position: number, now: number): number {
    const missing = position - this.limitAt(now);
    return missing <= 0 ? 0 : missing / this.#bytesPerMs;
  }

  /** For how long so much may have been there already; negative: it cannot. */
  reachedFor(position: number, now: number): number {
    const limit = this.limitAt(now);
    return limit === Number.POSITIVE_INFINITY ? limit : (limit - position) / this.#bytesPerMs;
  }

  /** Whoever sends, receives, or is between them, stands still. */
  hold(now: number): void {
    this.#heldAt ??= now;
  }

  goOn(now: number, position: number): void {
    if (this.#heldAt === null) return;
    this.#heldAt = null;
    this.#from = position;
    this.#since = now;
  }
}
