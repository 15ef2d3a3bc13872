import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { Disturbances } from './disturbances.ts';
import { Watched } from './watched.ts';

/** Where a watchdog is required nobody is promoted without one that counts (spec/ha.md K2), unless in a pause. */
export function requiredWatchdogIsActive({ watchdog }: Pick<Settings, 'watchdog'>): Checker {
  const watched = new Watched();
  const disturbances = new Disturbances();
  return {
    name: 'required-watchdog-is-active',
    hears: ['promoting', ...Disturbances.hears, ...Watched.hears],
    see: (fact, now) => {
      watched.see(fact);
      disturbances.see(fact, now);
      if (fact.kind !== 'promoting' || watchdog.mode !== 'required' || watched.covers(fact.host)) return null;
      const pauses = disturbances.since(now - RESUMED_WITHIN_MS).filter(({ fault }) => fault.kind === 'pause-cluster');
      if (pauses.length > 0) return null;
      return `${fact.host} is promoted, and the watchdog that is required does not count`;
    },
  };
}

/** Members hear of the end of a pause one after the other, and the store may be away for a while. */
const RESUMED_WITHIN_MS = 60_000;
