import { isJsonObject } from '../../domain/json.ts';
import { storeKey } from '../../domain/names.ts';
import { parseJson } from '../../wire/json.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { Excuses } from './excuses.ts';

/**
 * `pause: true` means that nothing is stopped, so nothing is fenced (docs/faults.md): from the moment at which the store
 * says so every host is excused, each until a moment after it was shown a configuration without it.
 */
export function excuseWhilePaused(world: World, excuses: Excuses): void {
  const ends = new Map<Place, () => void>();
  const hangsUntil = new Map<Place, number>();
  let resumedAt: bigint | null = null;
  const endSoon = (host: Place, end: () => void): void => {
    const shownAt = world.kernel.now;
    const hasHung = (): boolean => (hangsUntil.get(host) ?? 0) > shownAt;
    world.kernel.after(FENCED_AFTER_MS, null, 'excuse ends', () => {
      if (hasHung()) world.kernel.after(HUNG_LONGER_MS, null, 'excuse ends', end);
      else end();
    });
  };
  world.listen(
    (fact: Fact) => {
      if (fact.kind === 'fault') {
        const { fault, host } = fact;
        if (fault.kind === 'hang-postgres' && host !== null)
          hangsUntil.set(host, Math.max(hangsUntil.get(host) ?? 0, world.kernel.now + fault.span));
        return;
      }
      if (fact.kind === 'stored' && fact.key === CONFIG) {
        const paused = saysPause(fact.value);
        resumedAt = paused ? null : fact.revision;
        if (!paused) return;
        for (const { place } of world.nodes) if (!ends.has(place)) ends.set(place, excuses.begin(place, 'paused'));
      }
      if (ends.size === 0 || fact.kind !== 'picture-seen') return;
      if (resumedAt === null || fact.revision < resumedAt) return;
      const end = ends.get(fact.host);
      ends.delete(fact.host);
      if (end !== undefined) endSoon(fact.host, end);
    },
    ['fault', 'stored', 'picture-seen'],
  );
}

/** What the store says at this moment. */
export function isPaused(world: World): boolean {
  return saysPause(world.store.keys.get(CONFIG)?.value ?? null);
}

function saysPause(value: string | null): boolean {
  const parsed = value === null ? null : parseJson(value);
  return parsed?.kind === 'parsed' && isJsonObject(parsed.json) && parsed.json['pause'] === true;
}

const CONFIG = storeKey('config');
/**
 * Within this a primary whose lock nobody proves is stopped, once its agent knows that the pause is over: the longest
 * `retry_timeout` that is drawn, 5 s for an orderly stop, and a moment for the immediate one that follows.
 */
const FENCED_AFTER_MS = 16_000;
/**
 * One that hangs answers neither to the agent nor to a signal: a look at it takes 2 s more, two looks follow where another
 * member's lock puts an immediate stop in the place of the orderly one, and SIGKILL comes 5 s after that.
 */
const HUNG_LONGER_MS = 2_000 + 2 * 2_000 + 5_000;
