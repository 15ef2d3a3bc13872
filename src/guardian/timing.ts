import type { Millis } from '../domain/time.ts';
import { millis } from '../domain/time.ts';

/** The pause between two rounds of killing: processes in the kernel take a moment to go. */
export const KILL_AGAIN_AFTER: Millis = millis(50);

/** From this round on killing is slow and reported: something does not die (a hung disk). */
export const STUBBORN_ROUNDS = 20;
export const STUBBORN_AGAIN_AFTER: Millis = millis(500);

/** How long a guardian without a duty waits for a new agent before it ends. */
export const LONELY_LIMIT: Millis = millis(30_000);
