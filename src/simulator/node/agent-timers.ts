import type { Instant } from '../../domain/time.ts';
import type { AgentTimer } from '../../ports/events.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Scheduled } from '../kernel/event-heap.ts';
import type { NodeSetup } from './node-setup.ts';

/** The timers that an agent has set, one of each name. */
export class AgentTimers {
  readonly #setup: TimersSetup;
  readonly #set = new Map<AgentTimer, { readonly at: Instant; readonly scheduled: Scheduled }>();

  constructor(setup: TimersSetup) {
    this.#setup = setup;
  }

  set(name: AgentTimer, at: Instant): void {
    const { clock, kernel, actor, rings } = this.#setup;
    const earlier = this.#set.get(name);
    if (earlier !== undefined) kernel.callOff(earlier.scheduled);
    const scheduled = clock.timer(at, actor, LABELS[name], () => {
      if (this.#set.get(name)?.at !== at) return;
      this.#set.delete(name);
      rings(name);
    });
    this.#set.set(name, { at, scheduled });
  }

  /** Another process begins. */
  forget(): void {
    this.#set.clear();
  }
}

type TimersSetup = Pick<NodeSetup, 'clock' | 'kernel'> & {
  readonly actor: Actor;
  readonly rings: (name: AgentTimer) => void;
};

const LABELS: Readonly<Record<AgentTimer, string>> = {
  loop: 'timer loop',
  wake: 'timer wake',
};
