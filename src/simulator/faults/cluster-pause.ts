import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { storeKey } from '../../domain/names.ts';
import { parseJson } from '../../wire/json.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { Excuses } from './excuses.ts';
import type { Fault } from './fault.ts';

/**
 * `pause: true` means that nothing is stopped, so nothing is fenced (docs/faults.md): from the moment at which the store
 * says so every host is excused, each until a moment after it was shown a configuration without it, and was left to act
 * on it.
 */
export function excuseWhilePaused(world: World, excuses: Excuses): void {
  const ends = new Map<Place, () => void>();
  const hangsUntil = new Map<Place, number>();
  /** Until then it is about to stop what nobody proves a lock for. */
  const actsUntil = new Map<Place, number>();
  /** The same, of hosts whose guardian fences meanwhile. */
  const armed = new Map<Place, number>();
  const keptFromActingUntil = new Map<Place, number>();
  let resumedAt: bigint | null = null;
  /** How long a proof may take at most, by any configuration that there was. */
  let proofTakesMs = PROOF_TAKES_AT_LEAST_MS;
  const excuse = (host: Place): void => {
    if (!ends.has(host)) ends.set(host, excuses.begin(host, 'paused'));
  };
  const endSoon = (host: Place, end: () => void): void => {
    const shownAt = world.kernel.now;
    const fencedAfter = proofTakesMs + STOP_TAKES_MS;
    const hasHung = (): boolean => (hangsUntil.get(host) ?? 0) > shownAt;
    actsUntil.set(host, shownAt + fencedAfter + HUNG_LONGER_MS);
    world.kernel.after(fencedAfter, null, 'excuse ends', () => {
      if (hasHung()) world.kernel.after(HUNG_LONGER_MS, null, 'excuse ends', end);
      else end();
    });
  };
  const befalls = (fault: Fault, host: Place): void => {
    const { now } = world.kernel;
    if (fault.kind === 'hang-postgres') hangsUntil.set(host, Math.max(hangsUntil.get(host) ?? 0, now + fault.span));
    if (!KEEPS_FROM_ACTING.has(fault.kind)) return;
    const until = now + ('span' in fault ? fault.span : 0);
    keptFromActingUntil.set(host, Math.max(keptFromActingUntil.get(host) ?? 0, until));
    // It is shown once more that the pause is over, and begins anew.
    if (now < (actsUntil.get(host) ?? 0)) excuse(host);
  };
  /** A guardian fences for a lock of its own, also for one that is only sought; that one may not be got. */
  const guardianTold = (host: Place, deadline: number | null): void => {
    const { now } = world.kernel;
    const [from, to] = deadline === null ? [armed, actsUntil] : [actsUntil, armed];
    const until = from.get(host);
    if (until === undefined) return;
    from.delete(host);
    to.set(host, until);
    if (deadline === null && now < until && now < (keptFromActingUntil.get(host) ?? 0)) excuse(host);
  };
  const mayTake = (proofMs: number): void => {
    if (proofMs <= proofTakesMs) return;
    proofTakesMs = proofMs;
    // Whoever counts down counts by the new one, once it is shown.
    for (const [host, until] of actsUntil) if (world.kernel.now < until) excuse(host);
  };
  world.listen(
    (fact: Fact) => {
      if (fact.kind === 'fault') {
        if (fact.host !== null) befalls(fact.fault, fact.host);
        return;
      }
      if (fact.kind === 'guardian-told') guardianTold(fact.host, fact.deadline);
      if (fact.kind === 'stored' && fact.key === CONFIG) {
        const config = readConfig(fact.value);
        const paused = config['pause'] === true;
        mayTake(1_000 * Number(config['retry_timeout'] ?? 0));
        resumedAt = paused ? null : fact.revision;
        if (paused) for (const { place } of world.nodes) excuse(place);
      }
      if (ends.size === 0 || fact.kind !== 'picture-seen') return;
      if (resumedAt === null || fact.revision < resumedAt) return;
      const end = ends.get(fact.host);
      ends.delete(fact.host);
      if (end !== undefined) endSoon(fact.host, end);
    },
    ['fault', 'guardian-told', 'stored', 'picture-seen'],
  );
}

/** What the store says at this moment. */
export function isPaused(world: World): boolean {
  return readConfig(world.store.keys.get(CONFIG)?.value ?? null)['pause'] === true;
}

function readConfig(value: string | null): JsonObject {
  const parsed = value === null ? null : parseJson(value);
  return parsed?.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json : {};
}

const CONFIG = storeKey('config');
/** An agent that stands still or has ended stops nothing, and its guardian knows no deadline after a pause. */
const KEEPS_FROM_ACTING: ReadonlySet<Fault['kind']> = new Set([
  'freeze-agent',
  'stall-agent',
  'freeze-both',
  'kill-agent',
  'kill-both',
  'pause-machine',
  'restart-with-file',
]);
/** Where `retry_timeout` is shorter, a lock may be proven within this. */
const PROOF_TAKES_AT_LEAST_MS = 5_000;
/** Then a primary whose lock nobody has proven is stopped: 5 s in good order, and a moment for the immediate stop after it. */
const STOP_TAKES_MS = 5_000 + 1_000;
/**
 * One that hangs answers neither to the agent nor to a signal: a look at it takes 2 s more, two looks follow where another
 * member's lock puts an immediate stop in the place of the orderly one, and SIGKILL comes 5 s after that.
 */
const HUNG_LONGER_MS = 2_000 + 2 * 2_000 + 5_000;
