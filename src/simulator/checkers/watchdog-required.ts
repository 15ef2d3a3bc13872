import type { Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { Watched } from './watched.ts';

/**
 * Where a watchdog is required nobody is promoted without one that counts (spec/ha.md K2), unless in a pause, which lasts for
 * a member until its agent is shown a configuration without it. When the operator meant to end it says nothing: the store
 * may have been away since.
 */
export function requiredWatchdogIsActive({ watchdog }: Pick<Settings, 'watchdog'>): Checker {
  const watched = new Watched();
  /** By what it was shown last: in a pause until then; Infinity: until it is shown something else. */
  const pausedUntil = new Map<Place, number>();
  const shown = (host: Place, paused: boolean, now: number): void => {
    if (paused) pausedUntil.set(host, Infinity);
    else if (pausedUntil.get(host) === Infinity) pausedUntil.set(host, now + UNDER_WAY_MS);
  };
  return {
    name: 'required-watchdog-is-active',
    hears: ['agent-began', 'picture-seen', 'promoting', ...Watched.hears],
    see: (fact, now) => {
      watched.see(fact);
      if (fact.kind === 'agent-began') pausedUntil.delete(fact.host);
      if (fact.kind === 'picture-seen' && fact.paused !== null) shown(fact.host, fact.paused, now);
      if (fact.kind !== 'promoting' || watchdog.mode !== 'required' || watched.covers(fact.host)) return null;
      if (now <= (pausedUntil.get(fact.host) ?? -Infinity)) return null;
      return `${fact.host} is promoted, and the watchdog that is required does not count`;
    },
  };
}

/** From the agent's news to its heartbeat, which a promotion asks at its very moment. */
const UNDER_WAY_MS = 5;
