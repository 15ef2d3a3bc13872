/**
 * How far a standby has replayed of what it has received: all of it, unless somebody paused the replay. Resumed, or
 * ended by a promotion, it catches up at its own speed.
 */
export class Replay {
  #state: ReplayState = { kind: 'follows' };

  get isPaused(): boolean {
    return this.#state.kind === 'paused';
  }

  positionAt(now: number, received: number): number {
    const state = this.#state;
    if (state.kind === 'follows') return received;
    const since = state.kind === 'paused' ? 0 : now - state.since;
    return Math.min(received, state.from + since * REPLAYED_BYTES_PER_MS);
  }

  pause(now: number, received: number): void {
    this.#state = { kind: 'paused', from: this.positionAt(now, received) };
  }

  resume(now: number): void {
    if (this.#state.kind === 'paused') this.#state = { kind: 'catches-up', from: this.#state.from, since: now };
  }

  /** How long until all of it is replayed. */
  catchesUpIn(now: number, received: number): number {
    return (received - this.positionAt(now, received)) / REPLAYED_BYTES_PER_MS;
  }

  /** A server that starts knows of no pause, and replays what it has before it accepts connections. */
  restart(): void {
    this.#state = { kind: 'follows' };
  }
}

type ReplayState =
  | { readonly kind: 'follows' }
  | { readonly kind: 'paused'; readonly from: number }
  | { readonly kind: 'catches-up'; readonly from: number; readonly since: number };

const REPLAYED_BYTES_PER_MS = 20_000;
