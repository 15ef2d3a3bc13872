import { type Millis, millis } from '../../domain/time.ts';
import type { WatchdogAction, WatchdogAnswer, WatchdogDevice } from '../../ports/watchdog.ts';
import type { Scheduled } from '../kernel/event-heap.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { WatchdogKind } from '../world/settings.ts';

/**
 * One machine's watchdog device. It counts in the world's time, whatever the machine's processes and clocks do, and
 * resets the machine when it is not fed in time. One process may have it open; when that dies it goes on counting.
 */
export class WatchdogModel implements WatchdogDevice {
  readonly #setup: WatchdogModelSetup;
  #timeout: Millis = millis(60_000);
  #fires: Scheduled | null = null;
  #isOpen = false;
  #isBroken = false;

  constructor(setup: WatchdogModelSetup) {
    this.#setup = setup;
  }

  /** `null`: it does not count. */
  get firesAt(): number | null {
    return this.#fires?.time ?? null;
  }

  get isCounting(): boolean {
    return this.#fires !== null;
  }

  act(action: WatchdogAction): WatchdogAnswer | null {
    const { kind } = this.#setup;
    switch (action.kind) {
      case 'probe':
        return { kind: 'probed', problem: this.#problem(), isCounting: this.isCounting };
      case 'open': {
        const reason = this.#isOpen ? 'the device is busy' : this.#problem();
        if (reason !== null) return { kind: 'failed', reason };
        this.#isOpen = true;
        return this.#set(action.timeout);
      }
      case 'set-timeout':
        return this.#set(action.timeout);
      case 'feed':
        this.#feed();
        return null;
      case 'close':
        this.#isOpen = false;
        if (kind.canClose) this.#stop();
        return null;
    }
  }

  /** Whoever had it open is dead. */
  abandon(): void {
    this.#isOpen = false;
  }

  /** Without power it forgets everything. */
  powerOff(): void {
    this.#isOpen = false;
    this.#stop();
  }

  /** From now on it cannot be opened; one that is open works on. */
  breakDown(): void {
    this.#isBroken = true;
  }

  mend(): void {
    this.#isBroken = false;
  }

  #problem(): string | null {
    return this.#isBroken ? 'there is no such device' : null;
  }

  #set(timeout: Millis): WatchdogAnswer {
    const { kind } = this.#setup;
    // Some count in steps of their own.
    this.#timeout = millis(Math.ceil(timeout / kind.stepMs) * kind.stepMs);
    this.#feed();
    return { kind: 'open', timeout: this.#timeout, canClose: kind.canClose };
  }

  #feed(): void {
    const { kernel, place, emit, reset } = this.#setup;
    this.#callOff();
    const firesAt = kernel.now + this.#timeout;
    this.#fires = kernel.at(firesAt, null, 'watchdog fires', () => {
      this.#fires = null;
      this.#isOpen = false;
      kernel.note(place, () => 'the watchdog resets the machine');
      emit({ kind: 'watchdog-reset', host: place });
      reset();
    });
    emit({ kind: 'watchdog-fed', host: place, firesAt });
  }

  #stop(): void {
    if (this.#fires === null) return;
    this.#callOff();
    this.#setup.emit({ kind: 'watchdog-stopped', host: this.#setup.place });
  }

  #callOff(): void {
    if (this.#fires !== null) this.#setup.kernel.callOff(this.#fires);
    this.#fires = null;
  }
}

export type WatchdogModelSetup = {
  readonly kernel: Kernel;
  readonly place: Place;
  readonly kind: WatchdogKind;
  readonly emit: (fact: Fact) => void;
  readonly reset: () => void;
};
