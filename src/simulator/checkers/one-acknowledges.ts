import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * Two nodes never acknowledge writes at one instant (spec/ha.md S3). A node that nothing on its machine could have
 * fenced is excused while that lasts; so is everybody for the old lease's time after its key was deleted by hand.
 */
export function oneAcknowledges(options: { readonly ttlMs: number }): Checker {
  const acknowledging = new Set<Place>();
  const excused = new Set<Place>();
  let lockDeletedAt = -Infinity;
  return {
    name: 'one-acknowledges',
    see: (fact, now) => {
      if (fact.kind === 'excused') excused.add(fact.host);
      if (fact.kind === 'excuse-ended') excused.delete(fact.host);
      if (fact.kind === 'lock-deleted-by-hand') lockDeletedAt = now;
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind === 'acknowledges') acknowledging.add(fact.host);
      const bound = [...acknowledging].filter((host) => !excused.has(host));
      if (bound.length < 2 || now <= lockDeletedAt + options.ttlMs) return null;
      return `${bound.join(' and ')} acknowledge writes at the same time`;
    },
  };
}
