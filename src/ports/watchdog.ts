import type { Millis } from '../domain/time.ts';
import type { WatchdogPlace } from '../domain/watchdog.ts';

/** What is done to the kernel's watchdog, which resets the machine when it is open and not fed in time. */
export type WatchdogAction =
  /** May it be opened for writing? Told without opening it, since that would start it. */
  | { readonly kind: 'probe'; readonly place: WatchdogPlace }
  /** Open it and set its time-out: it counts from now on. */
  | { readonly kind: 'open'; readonly place: WatchdogPlace; readonly timeout: Millis }
  /** Another time-out for one that is open; feeds it. */
  | { readonly kind: 'set-timeout'; readonly timeout: Millis }
  | { readonly kind: 'feed' }
  /** Close it so that it stops counting, if the device can. */
  | { readonly kind: 'close' };

export type WatchdogAnswer =
  /** `isCounting`: whoever had it open went away without stopping it, as far as the kernel tells. */
  | { readonly kind: 'probed'; readonly problem: string | null; readonly isCounting: boolean }
  /** `timeout`: as the device has it, read back. `canClose`: closing stops it. */
  | { readonly kind: 'open'; readonly timeout: Millis; readonly canClose: boolean }
  /** It is not open (any more). */
  | { readonly kind: 'failed'; readonly reason: string };

/** One machine's watchdog. Everything is synchronous, and nothing waits. */
export type WatchdogDevice = {
  /** @returns `null` where nothing is to be answered. */
  act(action: WatchdogAction): WatchdogAnswer | null;
};
