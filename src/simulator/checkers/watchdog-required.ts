import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { Watched } from './watched.ts';

/** Where a watchdog is required nobody is promoted without one that counts (spec/ha.md K2), unless in a pause. */
export function requiredWatchdogIsActive({ watchdog }: Pick<Settings, 'watchdog'>): Checker {
  const watched = new Watched();
  let isPaused = false;
  return {
    name: 'required-watchdog-is-active',
    hears: ['promoting', 'fault', 'faults-over', ...Watched.hears],
    see: (fact) => {
      watched.see(fact);
      // Whatever comes of it: members hear of a pause, and of its end, one after the other.
      if (fact.kind === 'fault' && fact.fault.kind === 'pause-cluster') isPaused = true;
      if (fact.kind !== 'promoting' || isPaused || watchdog.mode !== 'required' || watched.covers(fact.host))
        return null;
      return `${fact.host} is promoted, and the watchdog that is required does not count`;
    },
  };
}
