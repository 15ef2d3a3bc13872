import type { Span } from '../world/settings.ts';
import { drawSpan } from '../world/settings.ts';
import type { Actor } from './actor.ts';
import type { Kernel } from './kernel.ts';
import type { RandomStream } from './random-stream.ts';

/** Messages from one process to another arrive late and in the order in which they were sent. */
export class Channel {
  readonly #kernel: Kernel;
  readonly #to: Actor;
  readonly #delay: Span;
  readonly #delays: RandomStream;
  readonly #purpose: string;
  #lastArrival = 0;

  constructor(options: {
    readonly kernel: Kernel;
    readonly to: Actor;
    readonly delay: Span;
    readonly purpose: string;
  }) {
    this.#kernel = options.kernel;
    this.#to = options.to;
    this.#delay = options.delay;
    this.#delays = options.kernel.random(options.purpose);
    this.#purpose = options.purpose;
  }

  send(run: () => void): void {
    const delay = drawSpan(this.#delays, this.#delay);
    this.#lastArrival = Math.max(this.#lastArrival, this.#kernel.now + delay);
    this.#kernel.at(this.#lastArrival, this.#to, this.#purpose, run);
  }
}
