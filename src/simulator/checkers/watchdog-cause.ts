import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { type Disturbance, Disturbances } from './disturbances.ts';

/**
 * No watchdog resets a machine without a cause: its guardian was stopped or gone for a while, or PostgreSQL could not be
 * killed. A guardian that lives fences in time whatever becomes of its agent, and what it cannot feed for the deadline in
 * force it closes, or, where that does not stop the device, keeps from firing.
 */
export function noResetWithoutCause(): Checker {
  const isCause = ({ fault, host }: Disturbance, reset: Place): boolean =>
    host === reset && (CAUSES.has(fault.kind) || (fault.kind === 'hang-postgres' && fault.how === 'disk'));
  const disturbances = new Disturbances();
  const counting = new Map<Place, number>();
  return {
    name: 'no-reset-without-cause',
    hears: ['watchdog-fed', 'watchdog-reset', ...Disturbances.hears],
    see: (fact, now) => {
      disturbances.see(fact, now);
      if (fact.kind === 'watchdog-fed') counting.set(fact.host, now);
      if (fact.kind !== 'watchdog-reset') return null;
      const since = counting.get(fact.host) ?? now;
      const hasCause = disturbances.since(since).some((each) => isCause(each, fact.host));
      return hasCause ? null : `the watchdog of ${fact.host} fired, and its guardian lived all the time`;
    },
  };
}

type Kind = Extract<Fact, { kind: 'fault' }>['fault']['kind'];

const CAUSES: ReadonlySet<Kind> = new Set([
  'freeze-both',
  'kill-both',
  'freeze-guardian',
  'kill-guardian',
  'pause-machine',
]);
