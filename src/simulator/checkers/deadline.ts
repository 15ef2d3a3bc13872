import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { LeaseTruth } from './lease-truth.ts';

/** No acknowledgement after the lease's deadline (docs/faults.md; spec/ha.md S2, without its slack). */
export function noAcknowledgementAfterDeadline(): Checker {
  const truth = new LeaseTruth();
  const excused = new Excused();
  const acknowledging = new Set<Place>();
  const late = (now: number): string | null => {
    // The founder of a cluster runs its server before there has ever been a lock.
    if (!truth.everLocked) return null;
    for (const host of acknowledging) {
      if (excused.covers(host)) continue;
      const deadline = truth.deadlineOf(host);
      if (deadline === null) return `${host} acknowledges writes and never had the lock`;
      if (now > deadline) return `${host} acknowledged writes ${(now - deadline).toFixed(1)} ms after its deadline`;
    }
    return null;
  };
  return {
    name: 'no-acknowledgement-after-deadline',
    hears: ['acknowledges', 'falls-quiet', ...Excused.hears, ...LeaseTruth.hears],
    see: (fact, now) => {
      // Judged before the fact counts: what extends a deadline, or excuses, hides nothing that was late already.
      const problem = LAST_CHANCES.has(fact.kind) ? late(now) : null;
      truth.see(fact, now);
      excused.see(fact);
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind !== 'acknowledges') return problem;
      acknowledging.add(fact.host);
      return late(now);
    },
    end: late,
  };
}

/** Facts after which an earlier lateness could not be seen any more. */
const LAST_CHANCES: ReadonlySet<Fact['kind']> = new Set(['falls-quiet', 'lease-extended', 'stored', 'excused']);
