import { type Instant, instant, type WallTime, wallTime } from '../../domain/time.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { drawSpan, type Settings } from './settings.ts';

/** One machine's monotonic clock: its own zero, so that an instant of another machine makes no sense here. */
export class HostClock {
  readonly #kernel: Kernel;
  readonly #settings: Settings;
  readonly #offset: number;

  constructor(options: { readonly kernel: Kernel; readonly settings: Settings; readonly offset: number }) {
    this.#kernel = options.kernel;
    this.#settings = options.settings;
    this.#offset = options.offset;
  }

  now(): Instant {
    return instant(this.#kernel.now + this.#offset);
  }

  wallNow(): WallTime {
    return this.wallTime(this.#kernel.now);
  }

  wallTime(worldTime: number): WallTime {
    return wallTime(Math.round(EPOCH + worldTime));
  }

  worldTime(at: Instant): number {
    return at - this.#offset;
  }

  /** A timer is never early, and a little late. */
  timer(at: Instant, actor: Actor, label: string, run: () => void): void {
    const late = drawSpan(this.#kernel.random('timers'), this.#settings.scheduling);
    this.#kernel.at(Math.max(this.worldTime(at), this.#kernel.now) + late, actor, label, run);
  }
}

/** The wall clock when every world begins: 2026-01-01. */
const EPOCH = 1_767_225_600_000;
