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
  let resumedAt: bigint | null = null;
  world.listen(
    (fact: Fact) => {
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
      if (end !== undefined) world.kernel.after(FENCED_AFTER_MS, null, 'excuse ends', end);
    },
    ['stored', 'picture-seen'],
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
 * `retry_timeout` that is drawn, and the time of a stop that has to be enforced.
 */
const FENCED_AFTER_MS = 16_000;
