/**
 * How far a standby has replayed of what it has received: all of it, unless somebody paused the replay, it was just
 * started, or more comes than it can replay. Then, resumed, or ended by a promotion, it catches up at its own speed.
 */
export class Replay {
  #state: ReplayState = { kind: 'follows' };

  get isPaused(): boolean {
    return this.#state.kind === 'paused';
  }

  positionAt(now: number, received: number): number {
    const state = this.#state;
    switch (state.kind) {
      case 'follows':
        return received;
      case 'paused':
        return Math.min(received, state.from);
      case 'catches-up':
        return Math.min(received, state.from + (now - state.since) * state.bytesPerMs);
      case 'begins': {
        const { from, to, since, span } = state;
        return now >= since + span ? received : from + ((to - from) * (now - since)) / span;
      }
    }
  }

  pause(now: number, received: number): void {
    this.#state = { kind: 'paused', from: this.positionAt(now, received) };
  }

  resume(now: number): void {
    if (this.#state.kind === 'paused') this.#catchUp(now, this.#state.from, REPLAYED_BYTES_PER_MS);
  }

  /** A server that starts is consistent at `from`, and replays what else it has, up to `to`, within `span`. */
  begin(now: number, rest: { readonly from: number; readonly to: number; readonly span: number }): void {
    this.#state = { kind: 'begins', ...rest, since: now };
  }

  /** From now on it replays no faster. */
  goesAt(bytesPerMs: number, now: number, received: number): void {
    const { kind } = this.#state;
    if (kind === 'follows' || kind === 'catches-up') this.#catchUp(now, this.positionAt(now, received), bytesPerMs);
  }

  /** How long until all of it is replayed. */
  catchesUpIn(now: number, received: number): number {
    const state = this.#state;
    if (state.kind === 'begins') return Math.max(0, state.since + state.span - now);
    const bytesPerMs = state.kind === 'catches-up' ? state.bytesPerMs : REPLAYED_BYTES_PER_MS;
    return (received - this.positionAt(now, received)) / bytesPerMs;
  }

  /** A server that ends, or is promoted, takes a pause with it. */
  restart(): void {
    this.#state = { kind: 'follows' };
  }

  #catchUp(now: number, from: number, bytesPerMs: number): void {
    this.#state = { kind: 'catches-up', from, since: now, bytesPerMs };
  }
}

type ReplayState =
  | { readonly kind: 'follows' }
  | { readonly kind: 'paused'; readonly from: number }
  | { readonly kind: 'catches-up'; readonly from: number; readonly since: number; readonly bytesPerMs: number }
  | {
      readonly kind: 'begins';
      readonly from: number;
      readonly to: number;
      readonly since: number;
      readonly span: number;
    };

const REPLAYED_BYTES_PER_MS = 20_000;
