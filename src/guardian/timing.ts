import type { Millis } from '../domain/time.ts';
import { millis } from '../domain/time.ts';

/** The pause between two rounds of killing: processes in the kernel take a moment to go. */
export const KILL_AGAIN_AFTER: Millis = millis(50);

/** From this round on killing is slow and reported: something does not die (a hung disk). */
export const STUBBORN_ROUNDS = 20;
export const STUBBORN_AGAIN_AFTER: Millis = millis(500);

/** How long a guardian without a duty waits for a new agent before it ends. */
export const LONELY_LIMIT: Millis = millis(30_000);

/** After a watchdog could not be used, it is not tried again for so long; until then its machine does not campaign. */
export const WATCHDOG_AGAIN_AFTER: Millis = millis(30_000);

/** Deadlines, one after the other, that came too late for the watchdog to be opened. */
export const LATE_ARMS_MAX = 3;
