import type { Checker } from './checker.ts';
import { isManualFailover, SyncFacts } from './sync-facts.ts';

/**
 * In mode `on` nobody is promoted who was neither the leader nor a standby of the sync key when it took the lock
 * (spec/ha.md S6), unless an operator asked for it by a manual failover, or it has led under this very lock.
 */
export function winnerIsInTheSyncKey(): Checker {
  const sync = new SyncFacts();
  return {
    name: 'winner-is-in-the-sync-key',
    hears: ['acknowledges', 'promoting', ...SyncFacts.hears],
    see: (fact) => {
      sync.see(fact);
      if (fact.kind !== 'promoting' || sync.hasLed) return null;
      const { mode, key, request, holder } = sync.atRace;
      const isBound = mode === 'on' && sync.now.mode === 'on' && key !== null && holder === fact.host;
      if (!isBound || isManualFailover(request, fact.host)) return null;
      const name = fact.host.toLowerCase();
      if (key.leader === name || key.voters.has(name)) return null;
      return `${fact.host} is promoted, and the sync key named ${key.leader} and ${[...key.voters].join(', ')}`;
    },
  };
}
