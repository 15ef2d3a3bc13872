import { storeKey } from '../../domain/names.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { isManualFailover, SyncFacts } from './sync-facts.ts';

/**
 * With a quorum nobody leads unheard (spec/ha.md 2.12): since the lock came free as many of those whom the sync key names
 * have answered the winner as the quorum says. Silence is no vote, whether or not the silent one had more. Its own leader
 * needs none, and neither does whom an operator promotes by hand, nor who has led under this very lock: nobody else has since.
 */
export function nobodyLeadsUnheard(): Checker {
  const sync = new SyncFacts();
  let freeSince: number | null = null;
  /** When the lock had come free that was won then. Who deletes it by hand meanwhile begins no other race. */
  let racedSince: number | null = null;
  let isRestored = false;
  const heard = new Map<Place, Map<Place, number>>();
  return {
    name: 'nobody-leads-unheard',
    hears: ['acknowledges', 'testified', 'promoting', ...SyncFacts.hears],
    see: (fact, now) => {
      sync.see(fact);
      if (fact.kind === 'stored' && fact.key === LEADER) {
        if (fact.value === null) freeSince = now;
        // What comes back with a backup was won before it; what is taken from then on, in a race of now.
        else if (fact.value !== fact.previous) {
          racedSince = freeSince;
          isRestored = fact.by === null;
        }
      }
      if (fact.kind === 'testified') {
        const answers = heard.get(fact.host) ?? new Map<Place, number>();
        heard.set(fact.host, answers.set(fact.by, now));
      }
      if (fact.kind !== 'promoting' || racedSince === null || isRestored || sync.hasLed) return null;
      const { mode, key, request, holder } = sync.atRace;
      const { host } = fact;
      if (mode !== 'quorum' || sync.now.mode !== 'quorum' || key === null || holder !== host || key.leader === host)
        return null;
      if (isManualFailover(request, host)) return null;
      const since = racedSince;
      const electors = new Set([key.leader, ...key.voters]);
      const votes = [...electors].filter((each) => each !== host && (heard.get(host)?.get(each) ?? -1) >= since);
      const needed = electors.has(host) ? key.quorum : key.quorum + 1;
      if (votes.length >= needed) return null;
      return `${host} is promoted, and heard ${votes.length} of ${needed} among ${[...electors].join(', ')}`;
    },
  };
}

const LEADER = storeKey('leader');
