import { type Instant, instant, type WallTime, wallTime } from '../../domain/time.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Scheduled } from '../kernel/event-heap.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import { drawSpan, type Settings } from './settings.ts';

/**
 * One machine's clocks. The monotonic one has its own zero, so that an instant of another machine makes no sense here,
 * and its own rate. It counts a suspension, as the agent's real clock does, unless the machine is a virtual one whose
 * clocks stand still with it. The wall clock may be set by anybody.
 */
export class HostClock {
  readonly #kernel: Kernel;
  readonly #settings: Settings;
  readonly #lateness: RandomStream;
  /** Its milliseconds per millisecond of the world. */
  readonly #rate: number;
  #state: 'goes' | 'stands-still' = 'goes';
  /** Since when it goes as it does, in world time and on this clock. */
  #since: { readonly world: number; readonly own: number };
  /** How often, and how long in all, the machine was suspended. */
  #suspensions = 0;
  #suspendedMs = 0;
  /** By how much the wall clock is off, from when on. */
  #wallSteps: readonly { readonly from: number; readonly ms: number }[] = [];

  constructor(options: {
    readonly kernel: Kernel;
    readonly settings: Settings;
    readonly offset: number;
    /** 1.001: gains a thousandth. */
    readonly rate?: number;
  }) {
    this.#kernel = options.kernel;
    this.#settings = options.settings;
    this.#lateness = options.kernel.random('timers');
    this.#rate = options.rate ?? 1;
    this.#since = { world: options.kernel.now, own: options.kernel.now + options.offset };
  }

  now(): Instant {
    const { world, own } = this.#since;
    return instant(this.#state === 'goes' ? own + (this.#kernel.now - world) * this.#rate : own);
  }

  wallNow(): WallTime {
    return this.wallTime(this.#kernel.now);
  }

  /** What the wall clock said at that time. */
  wallTime(worldTime: number): WallTime {
    return wallTime(Math.round(EPOCH + worldTime + this.#wallStepAt(worldTime)));
  }

  /** Most clocks are never set. */
  #wallStepAt(worldTime: number): number {
    if (this.#wallSteps.length === 0) return 0;
    return this.#wallSteps.findLast((each) => each.from <= worldTime)?.ms ?? 0;
  }

  /** When this clock says `at`, if it goes on as it does. */
  worldTime(at: Instant): number {
    return this.#since.world + (at - this.#since.own) / this.#rate;
  }

  /** How much longer than its timers' clock this one has counted, in ms: what a detector of suspensions reads. */
  suspended(): number {
    return this.#suspendedMs;
  }

  /** A timer is never early, and a little late; later when the machine was suspended, since its driver then still slept. */
  timer(at: Instant, actor: Actor, label: string, run: () => void): Scheduled {
    const late = drawSpan(this.#lateness, this.#settings.scheduling);
    const suspensions = this.#suspensions;
    return this.#kernel.at(Math.max(this.worldTime(at), this.#kernel.now) + late, actor, label, () => {
      if (suspensions !== this.#suspensions) {
        this.#kernel.after(this.#lateness.between(0, SLEEP_MAX_MS), actor, label, run);
      } else if (this.now() < at - ROUNDING_MS) this.timer(at, actor, label, run);
      else run();
    });
  }

  /** The machine stands still, and its clocks with it: a virtual machine that is stopped. */
  standStill(): void {
    if (this.#state === 'stands-still') return;
    this.#since = { world: this.#kernel.now, own: this.now() };
    this.#state = 'stands-still';
  }

  goOn(): void {
    if (this.#state === 'goes') return;
    this.#since = { world: this.#kernel.now, own: this.now() };
    this.#state = 'goes';
  }

  /** The machine was suspended for so long: this clock has counted it, its timers have not. */
  wasSuspended(ms: number): void {
    this.#suspensions += 1;
    this.#suspendedMs += ms;
  }

  /** Somebody sets the wall clock. */
  stepWall(ms: number): void {
    const before = this.#wallSteps.at(-1)?.ms ?? 0;
    this.#wallSteps = [...this.#wallSteps, { from: this.#kernel.now, ms: before + ms }];
  }
}

/** The wall clock when every world begins: 2026-01-01. */
export const EPOCH = 1_767_225_600_000;
/** How long a driver sleeps at most, whatever its timer says. */
const SLEEP_MAX_MS = 200;
const ROUNDING_MS = 0.001;
