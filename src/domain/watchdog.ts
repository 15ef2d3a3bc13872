import type { Millis } from './time.ts';

/** What the guardian is told of the kernel's watchdog. Spans are whole seconds, since the device knows no others. */
export type WatchdogSettings = WatchdogPlace & {
  /** The time-out to ask the device for. */
  readonly timeout: Millis;
  /** What the device may make of it: one that fires sooner cannot be fed regularly, */
  readonly shortest: Millis;
  /** and one that fires later fires too late. */
  readonly longest: Millis;
  readonly isRequired: boolean;
  /** A person wrote it into the configuration; else one that is not there is no news. */
  readonly isNamed: boolean;
};

/** `testing`: Patroni's protocol for a pipe in the place of a device. */
export type WatchdogPlace = { readonly device: string; readonly driver: 'linux' | 'testing' };

/** How the watchdog is, as the guardian last said. */
export type WatchdogReport =
  | { readonly kind: 'off' }
  /** Closed, and as far as can be told without opening it, it may be opened. */
  | { readonly kind: 'usable' }
  /** Open: unless it is fed it resets the machine after `timeout`. */
  | { readonly kind: 'active'; readonly timeout: Millis }
  | { readonly kind: 'failed'; readonly reason: string };
