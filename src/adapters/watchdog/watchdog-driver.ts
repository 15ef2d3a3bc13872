import type { Millis } from '../../domain/time.ts';

/** What differs between a device of the kernel and a pipe in its place. Each call may throw. */
export type WatchdogDriver = {
  readonly openFlags: number;
  /** Sets the time-out, if the device can. @returns the one in force, and whether closing stops the device. */
  setTimeout(file: number, timeout: Millis): { readonly timeout: Millis; readonly canClose: boolean };
};
