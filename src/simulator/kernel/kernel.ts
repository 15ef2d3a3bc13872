import { invariant } from '../../domain/invariant.ts';
import type { Actor } from './actor.ts';
import { EventHeap, type Scheduled } from './event-heap.ts';
import { RandomStream } from './random-stream.ts';
import { Transcript } from './transcript.ts';

/** Virtual time and everything that will happen in it. A run is a function of its seed: nothing else is read. */
export class Kernel {
  readonly transcript: Transcript;
  readonly #seed: number;
  readonly #heap = new EventHeap();
  readonly #streams = new Map<string, RandomStream>();
  #now = 0;
  #sequence = 0;
  #delivered = 0;
  #stopped = false;

  constructor(options: { readonly seed: number; readonly transcript: 'lines' | 'hash-only' }) {
    this.#seed = options.seed;
    this.transcript = new Transcript(options.transcript);
  }

  /** Virtual milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** Chance for one purpose; the same purpose always continues the same stream. */
  random(purpose: string): RandomStream {
    const known = this.#streams.get(purpose);
    if (known !== undefined) return known;
    const fresh = new RandomStream(this.#seed, purpose);
    this.#streams.set(purpose, fresh);
    return fresh;
  }

  /** `actor` null: the world itself, which nothing freezes or kills. */
  after(delay: number, actor: Actor | null, label: string, run: () => void): Scheduled {
    return this.at(this.#now + delay, actor, label, run);
  }

  /** A time that is already past means now. */
  at(time: number, actor: Actor | null, label: string, run: () => void): Scheduled {
    this.#sequence += 1;
    const scheduled: Scheduled = {
      time: time > this.#now ? time : this.#now,
      sequence: this.#sequence,
      actor,
      life: actor === null ? 0 : actor.life,
      label,
      run,
    };
    this.#heap.push(scheduled);
    return scheduled;
  }

  /** It will not happen. What a frozen actor has received already comes all the same. */
  callOff(scheduled: Scheduled): void {
    scheduled.run = null;
  }

  thaw(actor: Actor): void {
    for (const run of actor.thaw()) this.after(0, actor, 'thawed', run);
  }

  note(who: string, text: () => string): void {
    this.transcript.note(this.#now, who, text);
  }

  /** Nothing is delivered any more: somebody has seen what this run was for. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Deliver events until `time`, or until `until` holds (asked after each event).
   * @returns whether `until` came to hold.
   */
  run(time: number, until: () => boolean = never): boolean {
    if (until()) return true;
    for (let next = this.#heap.peek(); next !== undefined && next.time <= time; next = this.#heap.peek()) {
      if (this.#stopped) return until();
      this.#heap.pop();
      const { run } = next;
      if (run === null) continue;
      invariant(next.time >= this.#now, 'virtual time never goes back');
      this.#now = next.time;
      this.#delivered += 1;
      this.transcript.count(next.time, next.label);
      if (next.actor === null) run();
      else next.actor.receive(next.life, run);
      if (until()) return true;
    }
    if (!this.#stopped) this.#now = Math.max(this.#now, time);
    return false;
  }
}

function never(): boolean {
  return false;
}
