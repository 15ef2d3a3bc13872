import { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Fact } from '../world/facts.ts';
import type { Network, Place } from '../world/network.ts';
import { drawSpan, type Settings, type Span } from '../world/settings.ts';

/** Where a server runs: its host, its time and chance, and whoever watches what becomes of it. */
export class Surroundings {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly settings: Settings;
  readonly host: Place;
  readonly emit: (fact: Fact) => void;
  /** Every process of the data directory; a new life begins whenever they all have ended. */
  readonly actor: Actor;

  constructor(options: SurroundingsOptions) {
    this.kernel = options.kernel;
    this.network = options.network;
    this.settings = options.settings;
    this.host = options.host;
    this.emit = options.emit;
    this.actor = new Actor(`postgres ${options.host}`);
    this.actor.start();
  }

  /** How long something takes this time; each purpose has its own chance. */
  draw(purpose: string, span: Span): number {
    return drawSpan(this.kernel.random(`postgres ${purpose}`), span);
  }

  /** Happens only if the processes of now are there then; while they stand still it waits. */
  later(delay: number, label: string, run: () => void): void {
    this.kernel.after(delay, this.actor, label, run);
  }
}

export type SurroundingsOptions = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly settings: Settings;
  readonly host: Place;
  readonly emit: (fact: Fact) => void;
};
