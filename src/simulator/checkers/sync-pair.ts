import type { SyncRule } from '../postgres/sync-commit.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { type StoredSync, SyncFacts } from './sync-facts.ts';

/**
 * At every moment the sync key and the names in force fit (spec/ha.md S7, S8): counted together, the members who could
 * elect the next leader and those who hold an acknowledged commit are more than there are, so that one is both. Excused is
 * a key that came back with a backup of the store, under a primary that failsafe mode kept going.
 */
export function keyAndNamesOverlap(): Checker {
  const sync = new SyncFacts();
  const rules = new Map<Place, SyncRule | null>();
  return {
    name: 'key-and-names-overlap',
    hears: ['names-in-force', 'server', ...SyncFacts.hears],
    see: (fact) => {
      const { now, atRace } = sync;
      sync.see(fact);
      // Most of what is stored says nothing of it.
      if (fact.kind === 'stored' && sync.now === now && sync.atRace === atRace) return null;
      if (fact.kind === 'names-in-force') rules.set(fact.host, fact.rule);
      const { mode, key, isKeyRestored, holder } = sync.now;
      if (fact.kind === 'server' && fact.state !== 'primary') rules.delete(fact.host);
      const rule = holder === null ? undefined : rules.get(holder);
      if (mode === 'off' || key === null || isKeyRestored || holder === null || rule === undefined) return null;
      if (sync.atRace.mode === 'off' && key.leader !== holder) return null;
      return overlap(key, rule, holder);
    },
  };
}

function overlap({ leader, voters, quorum }: StoredSync, rule: SyncRule | null, holder: Place): string | null {
  if (voters.size === 0 && leader === holder) return null;
  const names = rule?.names ?? [];
  const everybody = new Set([leader, holder, ...voters, ...names]);
  const electing = quorum + 1;
  const holding = Math.min(rule?.count ?? 0, names.length) + 1;
  if (electing + holding > everybody.size) return null;
  return `${electing} of ${[leader, ...voters].join(', ')} may elect, and commits lie on ${holding} of ${[holder, ...names].join(', ')}`;
}
