import type { ClusterView, FailoverRequest, SyncKey } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { sameName } from '../domain/sync-names.ts';
import { earlier, type Instant, millis } from '../domain/time.ts';
import { branchPoint, type Timeline, type TimelineHistory } from '../domain/timeline.ts';

/** A vote is the word of somebody who has just looked, or since nobody leads: what it saw in peace, it may have gone beyond since. */
export const VOTE_AGE_MAX = millis(200);

/** Where a candidate is. */
type Standing = {
  readonly name: MemberName;
  readonly timeline: Timeline | null;
  readonly position: Lsn;
  /** How its timeline came about; `null` or absent: not known. */
  readonly history?: TimelineHistory | null;
};

/** The key that an election goes by; the last one seen where it vanished although the mode is on. `null`: none binds. */
export function bindingKey(o: Observation, m: Memory, view: ClusterView): SyncKey | null {
  return o.dynamic.synchronousMode === 'off' ? null : (view.sync ?? m.sync.lastKey);
}

/** An operator names whom to promote, and nobody whom it replaces: past everything that a synchronous mode promises. */
export function isManualFailoverTo(request: FailoverRequest | null, name: MemberName): boolean {
  return request !== null && request.leader === null && request.candidate === name;
}

/** The sync key that binds here; none binds whom an operator names in a manual failover. */
export function electionKey(
  o: Observation,
  m: Memory,
  view: ClusterView,
  request: FailoverRequest | null,
): SyncKey | null {
  return isManualFailoverTo(request, o.config.name) ? null : bindingKey(o, m, view);
}

export function needsVotes(key: SyncKey | null): key is SyncKey {
  return key !== null && key.quorum > 0;
}

/** Is this member the key's leader, or one of its voters? */
export function isElector(key: SyncKey, name: string): boolean {
  return sameName(key.leader, name) || key.voters.some((each) => sameName(each, name));
}

/** What was heard; `since`: what was seen then, or later, is no older than what the last leader acknowledged. */
type Hearing = {
  readonly answers: readonly PeerAnswer[];
  readonly former: string | null;
  readonly since?: Instant;
  /** Who held the lock last would have written the key before it was promoted. */
  readonly isKeyKept?: boolean;
};

/**
 * Whoever of our kind is promoted has written the key under its lock before. (In a pause a person may promote it: it says that
 * it is a primary then.) So the key of now tells who was promoted last, if nobody else's agents were there and the store
 * did not go back.
 */
export function isKeyKept({ lastHolder }: Memory, view: ClusterView): boolean {
  const { name, members, revision = null } = lastHolder ?? { name: null, members: [] };
  const holder = members.find((each) => each.name === name);
  if (revision === null || view.revision < revision || holder === undefined) return false;
  const wasStandby = holder.role !== 'primary' && holder.role !== 'promoted';
  return view.sync !== null && wasStandby && [...members, ...view.members].every(({ agent }) => agent === 'ours');
}

/**
 * Has a candidate heard enough of those that may testify? Without a quorum everybody in the key has everything.
 * @returns what is missing; `null`: nothing.
 * @see spec/ha.md 2.12, docs/adr/0007-synchronous-replication.md ("Who may campaign")
 */
export function lacksVotes(key: SyncKey, me: Standing, given: Hearing): string | null {
  if (key.quorum === 0 && isElector(key, me.name)) return null;
  const heard = given.answers.filter((each) => isElector(key, each.member));
  const votes = heard.filter((each) => isVote(me, each, given.since)).length - (isElector(key, me.name) ? 0 : 1);
  // The leader itself has everything, unless somebody else led after it and has not written the key yet, as Patroni may.
  const isFormer = given.former === null || given.former === me.name;
  const isLast = isFormer || given.isKeyKept === true || nobodyWentOn(key, me, given.answers);
  const wasLast = sameName(key.leader, me.name) && isLast;
  if (votes >= key.quorum || (wasLast && heard.every((each) => !isAhead(me, each) || knowsToHaveParted(each))))
    return null;
  return `${String(Math.max(votes, 0))} of ${String(key.quorum)} votes`;
}

/**
 * Who held the lock after me promoted nothing: all others that elect are where my timeline was not yet. They may have WAL
 * there that it leaves out, after a manual failover, and then none of them has a vote.
 */
function nobodyWentOn(key: SyncKey, me: Standing, answers: readonly PeerAnswer[]): boolean {
  return key.voters.every((voter) => {
    const answer = answers.find(({ member }) => sameName(member, voter));
    if (answer?.kind !== 'reported' || answer.recovery !== 'standby' || answer.hasMore === true) return false;
    return answer.timeline !== null && me.timeline !== null && answer.timeline < me.timeline;
  });
}

/** Its timeline has only the number of mine: it has parted from the last leader, and will not lead itself. */
function knowsToHaveParted(answer: PeerAnswer): boolean {
  return answer.kind === 'reported' && answer.recovery === 'standby' && answer.isDiverged === true;
}

/** Who was just started may have more than it has replayed, and perhaps what was acknowledged last. */
function isVote(me: Standing, answer: PeerAnswer, since: Instant | undefined): boolean {
  if (answer.kind !== 'reported' || answer.recovery !== 'standby' || answer.position === null) return false;
  if (answer.hasMore === true) return false;
  return isFresh(answer, since) && !isAhead(me, answer) && !hasParted(me, answer);
}

/** On a busy machine a look may take longer than that each time. */
function isFresh({ askedAt, lookedAgo }: Reported, since: Instant | undefined): boolean {
  if (lookedAgo === null || lookedAgo <= VOTE_AGE_MAX) return true;
  return since !== undefined && earlier(askedAt, lookedAgo) >= since;
}

/**
 * It has WAL of an older timeline from beyond where mine left that. PostgreSQL's receiver may have connected to the leader
 * of mine all the same, and told how far it is on its own, which that one takes for WAL that it sent: commits were
 * acknowledged by a word that says nothing of them.
 */
function hasParted({ history }: Standing, { timeline, position }: Reported): boolean {
  if (history === null || history === undefined || timeline === null || position === null) return false;
  const left = branchPoint(history, timeline);
  return left.kind === 'at' && position > left.lsn;
}

type Reported = Extract<PeerAnswer, { readonly kind: 'reported' }>;

/** On the branch that I am on, or on a newer one. What lies on an older one was not followed by anybody elected. */
function isAhead(me: Standing, answer: PeerAnswer): boolean {
  if (answer.kind !== 'reported') return false;
  const branch = (answer.timeline ?? me.timeline ?? 0) - (me.timeline ?? answer.timeline ?? 0);
  return branch > 0 || (branch === 0 && answer.position !== null && answer.position > me.position);
}
