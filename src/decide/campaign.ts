import {
  type ClusterView,
  clusterTimeline,
  type FailoverRequest,
  type Member,
  memberOf,
} from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import { statesAtRest } from '../domain/member-state.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { earlier, earliest, type Instant, later, latest, millis } from '../domain/time.ts';
import { leadMayLast } from '../domain/told-failsafe.ts';
import { unpromisedFrom } from '../domain/unpromised.ts';
import { failedToLock } from '../domain/vetoed.ts';
import { conclude, run, wait } from './conclude.ts';
import { isPrimary, lockIn } from './facts.ts';
import { isListed, leftOut, unlistedMayLead } from './failsafe-list.ts';
import { keepOut, keepsPromise } from './failsafe-promise.ts';
import { awaitPeers } from './peers.ts';
import { raceBackoff } from './race-backoff.ts';
import { successor } from './successor.ts';
import { electionKey, isKeyKept, needsVotes, VOTE_AGE_MAX } from './sync-election.ts';
import { type Campaign, hasPartedFromFormer, leastPosition, whoMayCampaign } from './who-may-campaign.ts';
import { type RaceResult, type Reported, whoWins } from './who-wins.ts';

type Able = Extract<Campaign, { kind: 'may' }>;

/** How long a better candidate gets to take the lock before everybody is asked again. */
const DEFERRAL = millis(700);
/** An answer older than this no longer tells who is ahead. */
const ANSWER_AGE_MAX = millis(690);
/** How long the wanted candidate of a switchover is left alone with its chance. */
const CANDIDATE_CHANCE = millis(3_000);
/** So long an equal with more `failover_priority` goes first. */
const PREFERENCE = millis(10_000);

/** Nobody holds the lock: ask the peers, compare, and take it or leave it to a better one. */
export function campaign(o: Observation, m: Memory): Decision | null {
  const lock = lockIn(o);
  if (o.store.kind !== 'settled' || (lock !== null && lock.createRevision !== m.released)) return null;
  const { view } = o.store;
  const may = whoMayCampaign(o, m, view);
  if (may.kind === 'may-not') return whereAllHaveParted(o, m, view) ?? stepAside(o, may.because, null);
  const backoff = raceBackoff(o, m, view);
  if (backoff !== null) return backoff;
  const unlockedSince = m.unlockedSince ?? o.now;
  const since = latest(unlockedSince, earlier(o.now, ANSWER_AGE_MAX));
  const key = electionKey(o, m, view, may.request);
  const isWanted = may.request?.candidate === o.config.name && !isPrimary(o) && !needsVotes(key);
  if (isWanted && keepsPromise(o, m, since) === null && !couldMeetPrimary(o, view, since)) return takeAsWanted();
  const freshness = needsVotes(key) ? { maxAge: VOTE_AGE_MAX } : {};
  const pending = awaitPeers(o, peersToAsk(o, m, view), { since, rule: 'ask-peers', ...freshness });
  if (pending !== null) return pending;
  const promised = keepPromise(o, m, since);
  if (promised !== null) return promised;
  const unheard = leftOut(o, m, view, since);
  if (unheard !== null) return stepAside(o, unheard, askAgainAt(o));
  const unfenced = awaitFormerLeader(o, m, view, { request: may.request, since: unlockedSince });
  if (unfenced !== null) return unfenced;
  // Nobody is compared with whom an operator names, but no second primary is made either.
  if (isWanted) return awaitPrimary(o, m, { since, unlockedSince }) ?? takeAsWanted();
  const chance = candidateChance(o, may.request, unlockedSince) ?? leftOutChance(o, m, view, { may, unlockedSince });
  const prefers = o.now < later(unlockedSince, PREFERENCE);
  // Whose key is gone has no lease, and takes no lock: after an outage of the store it may have one again in a moment.
  const awaitsAbsent = o.now < later(unlockedSince, o.timings.ttl);
  return (
    chance ?? verdict(o, race(o, m, view, { may, since: unlockedSince, against: 'listed', prefers, awaitsAbsent }))
  );
}

/** Perhaps nobody has the data of the source that was followed: the others are asked whether theirs has parted from it. */
function whereAllHaveParted(o: Observation, m: Memory, view: ClusterView): Decision | null {
  if (!hasPartedFromFormer(o, m)) return null;
  return awaitPeers(o, peersToAsk(o, m, view), { since: earlier(o.now, DEFERRAL), rule: 'ask-peers' });
}

/**
 * A member of our kind says in its key that it is a primary and not down, there is no lock, and it does not answer: its
 * lock was deleted by hand. (Whoever gives it up says that its PostgreSQL is down, at the latest right afterwards.) It may
 * acknowledge writes until its lease would be over, and is left alone until then; its word ends the wait.
 */
function awaitFormerLeader(
  o: Observation,
  m: Memory,
  view: ClusterView,
  { request, since }: { readonly request: FailoverRequest | null; readonly since: Instant },
): Decision | null {
  const until = leadIsOver(o, m, since);
  const silent = primariesByKey(o, view).find((each) => {
    if (each.agent !== 'ours' || each.name === request?.leader) return false;
    const answer = o.peers.get(each.name);
    return answer?.kind !== 'reported' || answer.askedAt < since;
  });
  return silent === undefined || o.now >= until
    ? null
    : wait('wait-for-former-leader', `${silent.name}, or the end of its lease`, until, { leader: silent.name });
}

/** Who say in their keys that they are primaries, and not down. */
function primariesByKey(o: Observation, view: ClusterView): readonly Member[] {
  return view.members.filter(({ name, role, state }) => {
    const isPrimary = (role === 'primary' || role === 'promoted') && !statesAtRest.has(state);
    return isPrimary && name !== o.config.name;
  });
}

/** Is there anybody of whom whoever is wanted has to hear, before it takes the lock? */
function couldMeetPrimary(o: Observation, view: ClusterView, since: Instant): boolean {
  if (!isListed(o, view, o.config.name)) return true;
  return livingPrimary(o, since) !== null || primariesByKey(o, view).length > 0;
}

/**
 * I am wanted, and a member says that it is a primary: its lock was deleted by hand, or it goes on by what I promised before I
 * was restarted. It has the time that a lease, or such a promise, can last, and is asked again meanwhile.
 */
function awaitPrimary(
  o: Observation,
  m: Memory,
  { since, unlockedSince }: { readonly since: Instant; readonly unlockedSince: Instant },
): Decision | null {
  const until = leadIsOver(o, m, unlockedSince);
  const leader = livingPrimary(o, since);
  if (leader === null || o.now >= until) return null;
  const what = `${leader}, which is a primary, to stop, or the end of its lease`;
  return wait('wait-for-former-leader', what, earliest(until, askAgainAt(o)), { leader });
}

/** When a lease that was renewed at `since`, or a promise from then, has ended. */
function leadIsOver(o: Observation, { longestTtl }: Memory, since: Instant): Instant {
  return later(since, millis(Math.max(leadMayLast(o), longestTtl ?? 0)));
}

function livingPrimary(o: Observation, since: Instant): MemberName | null {
  const alive = [...o.peers.values()].filter((each) => isPrimaryStill(each) && each.askedAt >= since);
  return alive.map((each) => each.member).toSorted()[0] ?? null;
}

function isPrimaryStill(answer: PeerAnswer): boolean {
  return answer.kind === 'reported' && answer.recovery === 'primary';
}

function takeAsWanted(): Decision {
  return conclude('campaign', { kind: 'acquire-lock' }, { wanted: true });
}

/** Who has left the lead to a leader without the store keeps out, as long as it said, and whatever a request wants. */
function keepPromise(o: Observation, m: Memory, since: Instant): Decision | null {
  const promise = keepsPromise(o, m, since);
  // It may stop leading by itself, and says so when it is asked.
  return promise === null ? null : keepOut(o, m, { ...promise, until: earliest(promise.until, askAgainAt(o)) });
}

function verdict(o: Observation, result: RaceResult): Decision {
  if (result.kind === 'theirs') {
    const facts = { to: result.to, because: result.because };
    if (isPrimary(o)) return stop(o, result.because);
    return wait('defer-to-peer', `${result.to} to take the lock`, askAgainAt(o), facts);
  }
  if (result.kind === 'short') {
    const { because } = result;
    return isPrimary(o) ? stop(o, because) : wait('votes-missing', 'more votes', askAgainAt(o), { because });
  }
  const rule = isPrimary(o) ? 'reclaim-as-primary' : 'campaign';
  return conclude(rule, { kind: 'acquire-lock' }, { peers: result.beaten.length }, result.beaten);
}

/**
 * The comparison with everybody that counts; a member that a switchover leads away from does not, and neither does an
 * answer from before `since`: what a peer was under the last leader, perhaps that leader itself, says nothing of now.
 * @param given.against `all`: also those whom the failsafe list leaves out.
 * @param given.awaitsAbsent whoever has more is waited for, also where its key is gone, or something else is in its way.
 */
export function race(
  o: Observation,
  m: Memory,
  view: ClusterView,
  given: {
    readonly may: Able;
    readonly since: Instant;
    readonly against: 'listed' | 'all';
    readonly prefers: boolean;
    readonly awaitsAbsent: boolean;
  },
): RaceResult {
  const { may, since, against, prefers, awaitsAbsent } = given;
  const key = electionKey(o, m, view, may.request);
  const isLeftOut = !isListed(o, view, o.config.name);
  const answers = peersOf(o, m, view)
    .flatMap((each) => o.peers.get(each.name) ?? [])
    // With a quorum it has a vote like any other. While it is a primary it has not handed over: its lock went another way.
    .filter((each) => needsVotes(key) || may.request?.leader !== each.member || isPrimaryStill(each))
    .filter((each) => each.askedAt >= since)
    // Whom the list leaves out may not win yet, perhaps: left the lock for ever, it might leave everybody waiting.
    .filter((each) => against === 'all' || isListed(o, view, each.member) || isLeftOut || isPrimaryStill(each));
  const former = m.lastHolder?.name ?? null;
  const isWaitedFor = (answer: Reported): boolean => awaitsAbsent || mayTakeLock(o, m, view, answer);
  const votes = { key, former, isKeyKept: isKeyKept(m, view), since };
  return whoWins(may.candidate, answers, { ...votes, least: leastPosition(o, view), prefers, isWaitedFor });
}

/**
 * As far as I know: whoever has more, and cannot take the lock, would keep everybody waiting. Who cannot take it myself judges
 * nobody by that.
 */
function mayTakeLock(o: Observation, m: Memory, view: ClusterView, answer: Reported): boolean {
  if (memberOf(view, answer.member) === null) return false;
  const needsTimeline =
    o.dynamic.checkTimeline && !isStandbyCluster(o.dynamic) && clusterTimeline(view.history) !== null;
  if (needsTimeline && answer.timeline === null) return false;
  return answer.getsNoLock !== true || failedToLock(m, o.now);
}

/**
 * Everybody known now or when the last leader was seen. A former leader of our own kind whose key is gone is not waited
 * for: both hung on one lease, which ran out, so its guardian has fenced it. While its key is there its lease lives (the
 * lock was deleted by hand, or released), and it may be a primary yet.
 */
export function peersToAsk(o: Observation, m: Memory, view: ClusterView): readonly Member[] {
  const fenced = m.lastHolder !== null && memberOf(view, m.lastHolder.name) === null ? m.lastHolder.name : null;
  return peersOf(o, m, view).filter((each) => !(each.name === fenced && each.agent === 'ours'));
}

export function peersOf(o: Observation, m: Memory, view: ClusterView): readonly Member[] {
  const present = new Set(view.members.map((each) => each.name));
  const remembered = (m.lastHolder?.members ?? []).filter((each) => !present.has(each.name));
  return [...view.members, ...remembered].filter((each) => each.name !== o.config.name && each.apiUrl !== null);
}

/**
 * A switchover names somebody else, who answers and may lead: it gets its chance first, and leaves the lock while it hears of
 * a primary. A primary makes room where that other one could follow it; else it is about the lock as if nobody was named.
 */
function candidateChance(o: Observation, request: FailoverRequest | null, since: Instant): Decision | null {
  const wanted = request?.candidate ?? null;
  if (wanted === null || wanted === o.config.name || o.now >= later(since, CANDIDATE_CHANCE)) return null;
  const answer = o.peers.get(wanted);
  if (answer?.kind !== 'reported' || answer.askedAt < since) return null;
  if (isPrimary(o)) {
    const next = successor(o, { candidate: wanted, except: null, isManual: request?.leader === null });
    return next.kind === 'found' ? stop(o, `${wanted} is asked to take over, and can`) : null;
  }
  return wait('defer-to-peer', `${wanted}, whom the switchover names`, later(since, CANDIDATE_CHANCE), { to: wanted });
}

/**
 * Whom the failsafe list leaves out, and who has what I lack, hears from me that nobody goes on without the store
 * (`failsafe-list.ts`), and then may lead. What keeps it from that I do not know: it does not hear me, perhaps. So it gets one
 * `ttl` from when I can say so. Patroni's members never lead so.
 */
function leftOutChance(
  o: Observation,
  m: Memory,
  view: ClusterView,
  { may, unlockedSince }: { readonly may: Able; readonly unlockedSince: Instant },
): Decision | null {
  const until = later(latest(unlockedSince, unpromisedFrom(o, m)), o.timings.ttl);
  if (o.now >= until || !unlistedMayLead(o, m, view, unlockedSince)) return null;
  const result = race(o, m, view, { may, since: unlockedSince, against: 'all', prefers: false, awaitsAbsent: true });
  if (result.kind !== 'theirs' || (result.reason !== 'position' && result.reason !== 'timeline')) return null;
  const { to, because } = result;
  const isOurs = peersOf(o, m, view).some((each) => each.name === to && each.agent === 'ours');
  if (isListed(o, view, to) || !isOurs) return null;
  const what = `${to}, which the failsafe list leaves out, to take the lock`;
  return wait('defer-to-peer', what, earliest(until, askAgainAt(o)), { to, because });
}

function stepAside(o: Observation, because: string, until: Instant | null): Decision {
  return isPrimary(o) ? stop(o, because) : wait('may-not-campaign', 'somebody else to lead', until, { because });
}

function stop(o: Observation, because: string): Decision {
  return run(
    'primary-not-entitled',
    { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: o.timings.retryTimeout },
    { because },
  );
}

function askAgainAt(o: Observation): Instant {
  return later(o.peersAskedAt ?? o.now, DEFERRAL);
}
