import { storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';

/**
 * A guardian is armed before the lock is taken, and still is when PostgreSQL is promoted or begins to write
 * (docs/architecture.md): nobody leads whom nobody would fence. A guardian that was killed is replaced at once; until
 * then, and no longer, its host may go on. A server that only stood still goes on as it was; its deadline is another
 * checker's. Excused is what docs/faults.md does not cover.
 */
export function primaryIsGuarded(settings: { readonly ttl: number }): Checker {
  const graceMs = Math.min(GRACE_MAX_MS, (settings.ttl * 1000) / 4) + REPORT_MS;
  const excused = new Excused();
  const armedUntil = new Map<Place, number>();
  const endedAt = new Map<Place, number>();
  let everLocked = false;
  const hear = (fact: Fact, now: number): void => {
    excused.see(fact);
    if (fact.kind === 'guardian-told') {
      armedUntil.set(fact.host, fact.deadline ?? 0);
      endedAt.delete(fact.host);
    }
    if (fact.kind !== 'guardian-ended') return;
    if ((armedUntil.get(fact.host) ?? 0) > now) endedAt.set(fact.host, now);
    armedUntil.delete(fact.host);
  };
  const unguarded = (host: Place, now: number, what: string): string | null => {
    if (excused.covers(host) || now < (armedUntil.get(host) ?? 0)) return null;
    const ended = endedAt.get(host);
    return ended !== undefined && now <= ended + graceMs ? null : `${host} ${what} without an armed guardian`;
  };
  return {
    name: 'primary-is-guarded',
    see: (fact, now) => {
      hear(fact, now);
      if (fact.kind === 'promoting') return unguarded(fact.host, now, 'is promoted');
      if (fact.kind === 'acknowledges' && fact.afterStandstill !== true)
        return everLocked ? unguarded(fact.host, now, 'begins to write') : null;
      if (fact.kind !== 'stored' || fact.key !== LEADER || fact.value === null) return null;
      everLocked = true;
      return fact.previous === null && fact.by !== null ? unguarded(fact.by, now, 'took the lock') : null;
    },
  };
}

/** How long a guardian may be missing before the agent demotes (docs/faults.md: replaced at once, or stops extending). */
const GRACE_MAX_MS = 1500;
/** From the heartbeat's word to the call. */
const REPORT_MS = 100;

const LEADER = storeKey('leader');
