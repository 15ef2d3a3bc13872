import type { ClusterView } from '../domain/cluster-view.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { deniesPrimary } from '../domain/peer.ts';
import type { Instant } from '../domain/time.ts';
import { isPrimary } from './facts.ts';

/** A leader without the store asks whom the last list names, and nobody else. An empty list names everybody. */
export function isListed(o: Observation, { failsafe }: ClusterView, name: MemberName): boolean {
  return !o.dynamic.failsafeMode || failsafe === null || failsafe.size === 0 || failsafe.has(name);
}

/**
 * Nobody holds the lock, and the list leaves me out: why do I keep out of the race? A leader without the store may be going
 * on, and would not have asked me (spec/ha.md F7). But such a leader
 * 1. is on the list: only the holder of the lock writes it, and nobody goes on by a list that it is not on itself;
 * 2. is a primary since before its lock went, and says so, or does not answer.
 * So when all whom the list names have said since then that they are none, nobody goes on by the members' word, and nobody
 * begins to: that takes the lock. Nor does anybody's promise count any more. The last leader that I know of is heard, too:
 * a store restored from a backup may have an older list.
 * @param since answers from before say nothing of now.
 * @returns `null`: I may campaign like those on the list.
 */
export function leftOut(o: Observation, m: Memory, view: ClusterView, since: Instant): string | null {
  if (isListed(o, view, o.config.name)) return null;
  const doubtful = mayGoOn(o, m, view, since);
  return doubtful === null
    ? null
    : `this member is not in the failsafe list, and ${doubtful} does not say that it is no primary`;
}

/**
 * Is whom the list leaves out a rival? To one that is left out itself, too. To others, once those on the list have said what
 * `leftOut` asks for: that member may lead then, and what it has more than I would be lost. Whether it has heard them, too,
 * nobody can tell: it has its `chance`, and is no rival any more when that is over, else both might wait for ever.
 */
export function unlistedCompete(
  o: Observation,
  m: Memory,
  view: ClusterView,
  { since, hasChance }: { readonly since: Instant; readonly hasChance: boolean },
): boolean {
  if (!isListed(o, view, o.config.name)) return true;
  return hasChance && !isPrimary(o) && mayGoOn(o, m, view, since) === null;
}

/** Another one, on the list or the last leader, that has not said since then that it is no primary; `null`: there is none. */
function mayGoOn(o: Observation, m: Memory, view: ClusterView, since: Instant): MemberName | null {
  const last = m.lastHolder === null ? [] : [m.lastHolder.name];
  const doubtful = [...(view.failsafe?.keys() ?? []), ...last]
    .filter((name) => name !== o.config.name)
    .find((name) => !deniesPrimary(o.peers.get(name), since));
  return doubtful ?? null;
}
