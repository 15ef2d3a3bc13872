import { millis } from '../domain/time.ts';
import type { World } from './world.ts';

/**
 * Look again and again until there is an answer.
 * @returns what `look` gave; `null` means "not yet".
 * @throws after `withinMs`, saying what was waited for; and when interrupted.
 */
export async function until<T>(
  world: World,
  { what, withinMs, everyMs = 100 }: { readonly what: string; readonly withinMs: number; readonly everyMs?: number },
  look: () => Promise<T | null>,
): Promise<T> {
  const end = world.now() + withinMs;
  for (;;) {
    const interruption = world.interruption();
    if (interruption !== null) throw interruption;
    const found = await look();
    if (found !== null) return found;
    if (world.now() > end) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await world.sleep(millis(everyMs));
  }
}
