import { storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import type { World } from '../world/world.ts';
import { ask, patch } from './ask-member.ts';
import { isPaused } from './cluster-pause.ts';
import type { Target } from './fault.ts';

/**
 * Pauses that an operator wants, and the end of every other one: a request that arrives late, or a backup of the store,
 * may bring one back that was over.
 */
export class OperatorPause {
  readonly #world: World;
  #wanted = 0;
  #state: 'watching' | 'resuming' = 'watching';

  constructor(world: World) {
    this.#world = world;
    world.listen(
      (fact: Fact) => {
        if (fact.kind === 'stored' && fact.key === CONFIG) this.#lookLater(0);
      },
      ['stored'],
    );
  }

  begin(of: Target): void {
    this.#wanted += 1;
    ask(this.#world, of, patch({ pause: true }));
  }

  end(): void {
    this.#wanted -= 1;
    this.#resume(0);
  }

  #lookLater(attempt: number): void {
    if (this.#state === 'resuming' || this.#wanted > 0 || !isPaused(this.#world)) return;
    this.#state = 'resuming';
    this.#world.kernel.after(LOOK_AGAIN_MS, null, 'operator resumes', () => {
      this.#state = 'watching';
      this.#resume(attempt);
    });
  }

  /**
   * Whoever ends a pause looks first (docs/faults.md): a server that takes writes without being the leader is shut down
   * by hand. Asked again, of one member after the other, until the store says that the pause is over.
   */
  #resume(attempt: number): void {
    const world = this.#world;
    if (this.#wanted > 0 || !isPaused(world)) return;
    const writers = world.nodes.filter((node) => node.postgres.hasWriters);
    const keeps = world.leader() ?? writers[0];
    for (const node of writers) if (node !== keeps) node.postgres.killEverything();
    ask(world, attempt % world.nodes.length, patch({ pause: null }));
    this.#lookLater(attempt + 1);
  }
}

const LOOK_AGAIN_MS = 1000;
const CONFIG = storeKey('config');
