import { storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { LeaseTruth } from './lease-truth.ts';
import { Watched } from './watched.ts';

/**
 * A watchdog is never fed so that it would leave a node writing after its deadline, whatever becomes of everything else
 * on that machine (docs/faults.md). Nor does its holder move a lock to a shorter lease before the device is set to fire
 * sooner; not judged is there one that counts on from an earlier guardian's time, which only a proof of the lock lets this
 * one open. What a device makes of a time-out is known only when it is open: one that would fire later is closed at once.
 * Excused is a machine whose own clocks stood still, since it cannot know its deadline, and a paused cluster, in which
 * nothing is guarded. Not judged is a device that closing does not stop while the guardian says that it is of no use:
 * then it is only kept from firing, where another one would be closed.
 */
export function watchdogEndsWriting({ watchdog }: Pick<Settings, 'watchdog'>): Checker {
  const keptFromFiring = new Set<Place>();
  /** Fed last by a guardian that has ended. */
  const leftCounting = new Set<Place>();
  const truth = new LeaseTruth();
  const excused = new Excused();
  const watched = new Watched();
  const acknowledging = new Set<Place>();
  const tooLate = new Map<Place, { readonly since: number; readonly byMs: number }>();
  const judge = (host: Place, now: number): void => {
    tooLate.delete(host);
    const firesAt = watched.firesAt(host);
    if (firesAt === null || keptFromFiring.has(host)) return;
    const deadline = truth.deadlineOf(host);
    const byMs = deadline === null ? 0 : firesAt - deadline;
    const counts = acknowledging.has(host) && !excused.covers(host);
    if (byMs > 0 && counts) tooLate.set(host, { since: now, byMs });
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
        return `the watchdog of ${host} is to fire ${byMs.toFixed(1)} ms after its deadline`;
    }
    return null;
  };
  return {
    name: 'watchdog-ends-writing',
    hears: [
      'acknowledges',
      'falls-quiet',
      'guardian-ended',
      'watchdog-told',
      ...Excused.hears,
      ...LeaseTruth.hears,
      ...Watched.hears,
    ],
    see: (fact, now) => {
      const problem = left(now);
      truth.see(fact, now);
      excused.see(fact);
      watched.see(fact);
      if (fact.kind === 'acknowledges') acknowledging.add(fact.host);
      if (fact.kind === 'falls-quiet') acknowledging.delete(fact.host);
      if (fact.kind === 'guardian-ended') {
        keptFromFiring.delete(fact.host);
        leftCounting.add(fact.host);
      }
      if (fact.kind === 'watchdog-told') hear(fact);
      if (fact.kind === 'watchdog-fed') {
        leftCounting.delete(fact.host);
        judge(fact.host, now);
      }
      const moved = fact.kind === 'stored' && fact.key === LEADER && fact.by === fact.value ? fact.by : null;
      if (moved !== null && !leftCounting.has(moved)) judge(moved, now);
      if (fact.kind === 'watchdog-stopped' || fact.kind === 'falls-quiet') tooLate.delete(fact.host);
      return problem;
    },
    end: left,
  };
}

const CLOSED_WITHIN_MS = 5;

const LEADER = storeKey('leader');
