import { memberName } from '../domain/names.ts';
import type { RequestAnswer } from '../domain/requests.ts';
import type { Violation } from './checkers/checker.ts';
import type { Fault } from './faults/fault.ts';
import { FaultInjector } from './faults/fault-injector.ts';
import type { Machines } from './node/machines.ts';
import { productionMachines } from './node/production-machines.ts';
import type { SimNode } from './node/sim-node.ts';
import { awaitRecovery } from './recovery.ts';
import { watchWorld } from './watch-world.ts';
import type { Place } from './world/network.ts';
import { calmSettings, type Settings } from './world/settings.ts';
import { World } from './world/world.ts';

/**
 * A named situation, told step by step: what happens, how long, and until what. Everything is synchronous; each wait
 * has a bound, and running into it is a failure that shows what happened last.
 *
 * ```ts
 * const story = new Scenario({ ttl: 5 }).untilHealthy();
 * const old = story.leader();
 * story.happens({ kind: 'power-off', target: story.numberOf(old), span: 60_000 }).untilLeaderIsNot(old, 6_500);
 * ```
 */
export class Scenario {
  readonly world: World;
  readonly #watch: ReturnType<typeof watchWorld>;
  readonly #injector: FaultInjector;

  constructor(change: Partial<Settings> & { readonly seed?: number; readonly machines?: Machines } = {}) {
    const { seed = 1, machines = productionMachines, ...settings } = change;
    this.world = new World({ seed, machines, settings: { ...calmSettings, ...settings }, transcript: 'lines' });
    this.#watch = watchWorld(this.world);
    this.#injector = new FaultInjector(this.world);
    this.world.start();
  }

  /** The first promise that was broken; `null`: all were kept. */
  get violation(): Violation | null {
    return this.#watch.violation();
  }

  get now(): number {
    return this.world.kernel.now;
  }

  leader(): Place {
    const leader = this.world.leader();
    if (leader === null) throw this.#failure('there is no leader that accepts writes');
    return leader.place;
  }

  replicas(): readonly Place[] {
    const leader = this.leader();
    return this.world.nodes.map((node) => node.place).filter((place) => place !== leader);
  }

  node(place: Place): SimNode {
    const node = this.world.node(place);
    if (node === null) throw this.#failure(`there is no node ${place}`);
    return node;
  }

  numberOf(place: Place): number {
    return this.world.nodes.indexOf(this.node(place));
  }

  happens(fault: Fault): this {
    if (!this.#injector.inject(fault)) throw this.#failure(`${fault.kind} cannot happen now`);
    return this;
  }

  /** Ends every fault that still lasts. */
  faultsEnd(): this {
    this.#injector.endAll();
    return this;
  }

  passes(span: number): this {
    this.world.kernel.run(this.now + span);
    return this;
  }

  /** An operator asks the leader to hand over. @returns what was answered so far, to be read later. */
  switchover(candidate: Place | null): { answer: RequestAnswer | null } {
    const leader = this.leader();
    const heard: { answer: RequestAnswer | null } = { answer: null };
    const request = { kind: 'switchover', leader: memberName(leader), candidate, scheduledAt: null } as const;
    this.node(leader).agent.request(request, (answer) => {
      heard.answer = answer;
    });
    return heard;
  }

  /** Goes on to this moment of the world: for a scenario that a drawn run left (`matriarch simulate`). */
  at(time: number): this {
    return this.passes(Math.max(0, time - this.now));
  }

  /** Every fault ends, and the cluster is well again within the bound of a drawn run. */
  recovers(): this {
    if (this.violation !== null) return this;
    this.#injector.endAll();
    awaitRecovery(this.world, this.#watch);
    this.#watch.end();
    return this;
  }

  until(what: string, holds: () => boolean, within: number): this {
    if (!this.world.kernel.run(this.now + within, holds)) throw this.#failure(`not within ${within} ms: ${what}`);
    return this;
  }

  /** A leader that accepts writes, and everybody else that has power streams. */
  untilHealthy(within = 60_000): this {
    return this.until('the cluster is healthy', () => this.world.isHealthy(), within);
  }

  untilLeaderIsNot(old: Place, within: number): this {
    const changed = (): boolean => {
      const leader = this.world.leader();
      return leader !== null && leader.place !== old;
    };
    return this.until(`a leader other than ${old}`, changed, within);
  }

  transcript(): readonly string[] {
    return this.world.kernel.transcript.lines;
  }

  /** What happened last: what a broken promise is told by. */
  ending(): string {
    return this.transcript().slice(-LINES_SHOWN).join('\n');
  }

  #failure(message: string): Error {
    const violation = this.violation === null ? '' : ` (${this.violation.checker}: ${this.violation.message})`;
    return new Error(`${message}${violation}\n${this.ending()}`);
  }
}

const LINES_SHOWN = 60;
