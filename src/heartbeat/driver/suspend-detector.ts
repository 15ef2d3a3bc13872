import type { Clock } from '../../ports/clock.ts';

/** Ten times the resolution of the coarser clock. */
const JUMP_MIN_MS = 100;

/** @returns a question: was the machine suspended since it was last asked? */
export function suspendDetector(clock: Clock): () => boolean {
  let known = clock.suspended();
  return () => {
    const now = clock.suspended();
    const jumped = now - known >= JUMP_MIN_MS;
    known = Math.max(known, now);
    return jumped;
  };
}
