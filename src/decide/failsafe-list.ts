import type { ClusterView } from '../domain/cluster-view.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { deniesPrimary, type PeerAnswer } from '../domain/peer.ts';
import type { Instant } from '../domain/time.ts';
import { mayGoOnWithoutStore } from '../domain/told-failsafe.ts';
import { isUnpromised } from '../domain/unpromised.ts';
import { isPrimary } from './facts.ts';

/** A leader without the store asks whom the last list names, and nobody else. An empty list names everybody. */
export function isListed(o: Observation, { failsafe }: ClusterView, name: MemberName): boolean {
  return !mayGoOnWithoutStore(o) || failsafe === null || failsafe.size === 0 || failsafe.has(name);
}

/**
 * Nobody holds the lock, and the list leaves me out: why do I keep out of the race? A leader without the store may be going
 * on, and would not have asked me (spec/ha.md F7). But such a leader
 * 1. is on the list: only the holder of the lock writes it, and nobody goes on by a list that it is not on itself;
 * 2. is a primary since before its lock went, and says so, or does not answer.
 * So when all whom the list names have said since then that they are none, nobody goes on by the members' word, and nobody
 * begins to: that takes the lock. Nor does anybody's promise count any more.
 * It needs the word of all whom its list names. So one of them, a standby, that has left the lead to nobody tells as much:
 * it might take the lock itself, and leaves it for a while to whoever has more (`campaign.ts`).
 * The last leader that I know of is heard, too: a store restored from a backup may have an older list.
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

/** I am on the list: have the others on it, or I myself, said what lets those lead whom it leaves out? */
export function unlistedMayLead(o: Observation, m: Memory, view: ClusterView, since: Instant): boolean {
  return isListed(o, view, o.config.name) && !isPrimary(o) && mayGoOn(o, m, view, since) === null;
}

/** Another one, on the list or the last leader, that has not said since then that it is no primary; `null`: there is none. */
function mayGoOn(o: Observation, m: Memory, view: ClusterView, since: Instant): MemberName | null {
  const last = m.lastHolder === null ? [] : [m.lastHolder.name];
  const listed = [...(view.failsafe?.keys() ?? [])];
  const isFree = (name: MemberName): boolean => {
    return name === o.config.name ? isUnpromised(o, m, o.now) : isFreeStandby(o.peers.get(name), since);
  };
  const isSettled = listed.some(isFree);
  const toHear = isSettled ? last.filter((name) => !listed.includes(name)) : [...listed, ...last];
  const doubtful = toHear
    .filter((name) => name !== o.config.name)
    .find((name) => !deniesPrimary(o.peers.get(name), since));
  return doubtful ?? null;
}

function isFreeStandby(answer: PeerAnswer | undefined, since: Instant): boolean {
  return answer?.kind === 'reported' && deniesPrimary(answer, since) && answer.isUnpromised;
}
