import { storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import { saysStandbyCluster } from '../world/remote-place.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { Watched } from './watched.ts';

/**
 * A guardian is armed before the lock is taken, and still is when PostgreSQL is promoted or begins to write
 * (docs/architecture.md): nobody leads whom nobody would fence. A guardian that was killed is replaced at once; until
 * then, and no longer, its host may go on. A server that only stood still goes on as it was; its deadline is another
 * checker's. In a cluster that follows another one nobody can write, so the lock alone needs no guardian; a promotion does.
 * Excused is what docs/faults.md does not cover.
 */
export function primaryIsGuarded(settings: { readonly ttl: number; readonly standbyCluster?: boolean }): Checker {
  const graceMs = Math.min(GRACE_MAX_MS, (settings.ttl * 1000) / 4) + REPORT_MS;
  const excused = new Excused();
  const armings = new Map<Place, Arming[]>();
  let everLocked = false;
  let follows = settings.standbyCluster === true;
  let followedUntil = -Infinity;
  const watched = new Watched();
  const hear = (fact: Fact, now: number): void => {
    excused.see(fact);
    watched.see(fact);
    if (fact.kind !== 'guardian-told' && fact.kind !== 'guardian-ended') return;
    const before = armings.get(fact.host) ?? [];
    const wasArmed = (before.at(-1)?.until ?? 0) > now;
    const until = fact.kind === 'guardian-told' ? (fact.deadline ?? 0) : wasArmed ? now + graceMs : 0;
    before.push({ from: now, until });
    if (before.length > ARMINGS_MAX) before.shift();
    armings.set(fact.host, before);
  };
  const unguarded = (host: Place, at: number, what: string): string | null => {
    const arming = armings.get(host)?.findLast((each) => each.from <= at);
    const isArmed = arming !== undefined && at < arming.until;
    return isArmed || watched.covers(host) || excused.covers(host) ? null : `${host} ${what} without an armed guardian`;
  };
  return {
    name: 'primary-is-guarded',
    hears: [
      'acknowledges',
      'guardian-ended',
      'guardian-told',
      'promoting',
      'stored',
      ...Excused.hears,
      ...Watched.hears,
    ],
    see: (fact, now) => {
      hear(fact, now);
      if (fact.kind === 'stored' && fact.key === CONFIG) {
        if (follows) followedUntil = now;
        follows = saysStandbyCluster(fact.value);
      }
      if (fact.kind === 'promoting') return unguarded(fact.host, now, 'is promoted');
      if (fact.kind === 'acknowledges' && fact.afterStandstill !== true)
        return everLocked ? unguarded(fact.host, now, 'begins to write') : null;
      if (fact.kind !== 'stored' || fact.key !== LEADER || fact.value === null) return null;
      everLocked = true;
      // A request that was given up may take the lock later, when nobody there knows of it.
      const took = fact.previous === null && fact.by !== null ? fact.by : null;
      // Whoever has not heard yet of the change may still take it so.
      const isUnneeded = follows || now < followedUntil + NEWS_MS;
      return took === null || isUnneeded ? null : unguarded(took, fact.sentAt ?? now, 'took the lock');
    },
  };
}

/** What a guardian was told at `from`. One that was killed while armed counts for a moment more. */
type Arming = { readonly from: number; readonly until: number };

/** More than there are while a request is on its way. */
const ARMINGS_MAX = 500;
/** How long a guardian may be missing before the agent demotes (docs/faults.md: replaced at once, or stops extending). */
const GRACE_MAX_MS = 1500;
/** From the heartbeat's word to the call. */
const REPORT_MS = 100;

/** A picture of the store may be late. */
const NEWS_MS = 30_000;

const CONFIG = storeKey('config');
const LEADER = storeKey('leader');
