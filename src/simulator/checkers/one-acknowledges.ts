import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { LeaseTruth } from './lease-truth.ts';

/**
 * Two nodes never acknowledge writes at one instant (spec/ha.md S3, without its slack). Excused is a node that nothing
 * on its machine could have fenced, while that lasts; and one whose lock was deleted by hand, until the deadline that it
 * had then, since the store gave its lock to another while its lease still ran.
 */
export function oneAcknowledges(): Checker {
  const truth = new LeaseTruth();
  const excused = new Excused();
  const acknowledging = new Set<Place>();
  const robbedUntil = new Map<Place, number>();
  return {
    name: 'one-acknowledges',
    hears: ['acknowledges', 'falls-quiet', 'lock-deleted-by-hand', ...Excused.hears, ...LeaseTruth.hears],
    see: (fact, now) => {
      truth.see(fact, now);
      excused.see(fact);
      if (fact.kind === 'lock-deleted-by-hand' && fact.holder !== null)
        robbedUntil.set(fact.holder, truth.deadlineOf(fact.holder) ?? now);
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind === 'acknowledges') acknowledging.add(fact.host);
      if (acknowledging.size < 2) return null;
      const bound = [...acknowledging].filter((host) => {
        return !excused.covers(host) && now > (robbedUntil.get(host) ?? -Infinity);
      });
      return bound.length < 2 ? null : `${bound.join(' and ')} acknowledge writes at the same time`;
    },
  };
}
