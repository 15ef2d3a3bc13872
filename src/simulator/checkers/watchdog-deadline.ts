import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { LeaseTruth } from './lease-truth.ts';

/**
 * A watchdog is never fed so that it would leave a node writing after its deadline, whatever becomes of everything else
 * on that machine (docs/faults.md). What a device makes of a time-out is known only when it is open: one that would fire
 * later is closed at once. Excused is a machine whose own clocks stood still, since it cannot know its deadline, and a
 * paused cluster, in which nothing is guarded. Not judged is a device that closing does not stop while the guardian says
 * that it is of no use: then it is only kept from firing, where another one would be closed.
 */
export function watchdogEndsWriting({ watchdog }: Pick<Settings, 'watchdog'>): Checker {
  const keptFromFiring = new Set<Place>();
  const truth = new LeaseTruth();
  const excused = new Excused();
  const acknowledging = new Set<Place>();
  const tooLate = new Map<Place, { readonly since: number; readonly byMs: number }>();
  const judge = (fact: Extract<Fact, { kind: 'watchdog-fed' }>, now: number): void => {
    tooLate.delete(fact.host);
    if (keptFromFiring.has(fact.host)) return;
    const deadline = truth.deadlineOf(fact.host);
    const byMs = deadline === null ? 0 : fact.firesAt - deadline;
    const counts = acknowledging.has(fact.host) && !excused.covers(fact.host);
    if (byMs > 0 && counts) tooLate.set(fact.host, { since: now, byMs });
  };
  const hear = ({ host, how }: Extract<Fact, { kind: 'watchdog-told' }>): void => {
    keptFromFiring.delete(host);
    if (watchdog.canClose || (how !== 'failed' && how !== 'off')) return;
    keptFromFiring.add(host);
    tooLate.delete(host);
  };
  const left = (now: number): string | null => {
    for (const [host, { since, byMs }] of tooLate) {
      if (now > since + CLOSED_WITHIN_MS)
        return `the watchdog of ${host} was fed until ${byMs.toFixed(1)} ms after its deadline`;
    }
    return null;
  };
  return {
    name: 'watchdog-ends-writing',
    hears: [
      'acknowledges',
      'falls-quiet',
      'guardian-ended',
      'watchdog-fed',
      'watchdog-stopped',
      'watchdog-told',
      ...Excused.hears,
      ...LeaseTruth.hears,
    ],
    see: (fact, now) => {
      const problem = left(now);
      truth.see(fact, now);
      excused.see(fact);
      if (fact.kind === 'acknowledges') acknowledging.add(fact.host);
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind === 'guardian-ended') keptFromFiring.delete(fact.host);
      if (fact.kind === 'watchdog-told') hear(fact);
      if (fact.kind === 'watchdog-fed') judge(fact, now);
      if (fact.kind === 'watchdog-stopped' || fact.kind === 'falls-quiet') tooLate.delete(fact.host);
      return problem;
    },
    end: left,
  };
}

const CLOSED_WITHIN_MS = 5;
