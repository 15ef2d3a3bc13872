import type { SyncKey } from '../domain/cluster-view.ts';
import type { Refusal } from '../domain/decision.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { MemberName } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { sameName } from '../domain/sync-names.ts';
import { failoverPriority, mayEverLead } from '../domain/tags.ts';
import type { Instant } from '../domain/time.ts';
import type { Timeline, TimelineHistory } from '../domain/timeline.ts';
import { isElector, lacksVotes } from './sync-election.ts';

export type Candidate = {
  readonly name: MemberName;
  readonly timeline: Timeline | null;
  readonly position: Lsn;
  readonly priority: number;
  /** How its timeline came about; `null` or absent: not known. */
  readonly history?: TimelineHistory | null;
  /** Of the source that this cluster followed it lacks something, and may lead only where the others do, too. */
  readonly isParted?: true;
};

export type RaceResult =
  | { readonly kind: 'mine'; readonly beaten: readonly Refusal[] }
  /** Nobody is better, and too few have said so. */
  | { readonly kind: 'short'; readonly because: string }
  /** `because` is a sentence; `reason` sorts the cases. */
  | {
      readonly kind: 'theirs';
      readonly to: MemberName;
      readonly reason: 'primary' | 'timeline' | 'position' | 'priority';
      readonly because: string;
    };

/** `least`: behind it nobody may lead who does not have the proof (`maximum_lag_on_failover`); `null`: no limit is known. */
export type RaceRules = {
  readonly former: MemberName | null;
  readonly key: SyncKey | null;
  readonly least: bigint | null;
  /** Does an equal with more priority go first? What keeps it from the lock it alone may know, so not for ever. */
  readonly prefers: boolean;
  /** Who held the lock last would have written the key before it was promoted. */
  readonly isKeyKept?: boolean;
  /** Nobody led from then on. */
  readonly since?: Instant;
  /** May it take the lock at all, as far as is known? Who is a primary counts all the same. */
  readonly isWaitedFor?: (answer: Reported) => boolean;
};

/**
 * Who wins among candidates? A living primary before everybody; then timeline before LSN, because an isolated old
 * primary may hold more WAL on a branch that nobody follows; then the position; then `failover_priority`, unless it is
 * that of the `former` leader: whatever ended its reign, equals do not wait for it (spec/ha.md CC73).
 * Nobody waits for an equal with more priority that has too few votes, as far as heard here. Silence is no vote: a peer
 * that did not answer neither blocks nor helps. Equal candidates both try, and the store decides. Whoever hears the same answers comes to the same order, so somebody always wins.
 */
export function whoWins(me: Candidate, answers: readonly PeerAnswer[], rules: RaceRules): RaceResult {
  const { key } = rules;
  const beaten: Refusal[] = [];
  const newest = newestTimeline(me, answers, rules);
  for (const answer of answers) {
    const result = duel(me, answer, { newest, answers, ...rules });
    if (result.kind === 'theirs') return result;
    beaten.push({ alternative: answer.member, because: result.because });
  }
  const missing = key === null ? null : lacksVotes(key, me, { ...rules, answers });
  return missing === null ? { kind: 'mine', beaten } : { kind: 'short', because: missing };
}

type Duel = Extract<RaceResult, { kind: 'theirs' }> | { readonly kind: 'mine'; readonly because: string };

function duel(
  me: Candidate,
  answer: PeerAnswer,
  given: RaceRules & { readonly newest: Timeline | null; readonly answers: readonly PeerAnswer[] },
): Duel {
  const { newest, former, key } = given;
  if (answer.kind === 'no-answer') return mine(`not reachable (${answer.reason})`);
  const theirs = (reason: Extract<Duel, { kind: 'theirs' }>['reason'], because: string): Duel => {
    return { kind: 'theirs', to: answer.member, reason, because: `${answer.member} ${because}` };
  };
  // Liveness before limitation: a primary that may not lead is a primary all the same.
  if (answer.recovery === 'primary') return theirs('primary', 'is still alive as a primary');
  // What others have beyond those of the key was acknowledged by nobody.
  if (key !== null && !isElector(key, answer.member)) return mine('no synchronous standby');
  if (!mayEverLead(answer.tags)) return mine('not allowed to promote');
  if (answer.watchdogFailed) return mine('not watchdog capable');
  if (answer.isDiverged === true && me.isParted !== true)
    return mine('has parted from the last leader, whatever timeline it is on');
  if (answer.isDiverged !== true && me.isParted === true) return theirs('timeline', 'has not parted from the source');
  if (answer.keepsOut === true) return mine('keeps out: its pre_promote said no');
  // It may not campaign itself, so nobody would lead while others waited for it.
  if (answer.position === null) return mine('does not say its position');
  if (lagsTooFar(answer, given)) return mine('lags too far to lead, whatever timeline it is on');
  const branch = (answer.timeline ?? newest ?? 0) - (me.timeline ?? newest ?? 0);
  if (branch > 0) return theirs('timeline', `is on timeline ${String(answer.timeline)}`);
  if (branch < 0) return mine(`is behind on timeline ${String(answer.timeline)}`);
  // Also where it has more: it would keep everybody waiting. A newer timeline is another matter.
  if (given.isWaitedFor?.(answer) === false) return mine('could not take the lock for long');
  if (answer.position > me.position && key !== null && sameName(key.leader, answer.member))
    return mine('the former leader, ahead of what was acknowledged');
  if (answer.position > me.position)
    return theirs('position', `is ${String(answer.position - me.position)} bytes ahead`);
  if (answer.position < me.position) return mine(`is ${String(me.position - answer.position)} bytes behind`);
  const priority = failoverPriority(answer.tags);
  const isPreferred = given.prefers && priority > me.priority && answer.member !== former;
  if (isPreferred && isElectable(answer, me, given))
    return theirs('priority', `is equal and has priority ${String(priority)}`);
  return mine('is equal');
}

/** By what I have heard: whoever was deferred to without votes would keep everybody waiting. */
function isElectable(
  { member, timeline, position, askedAt, tags }: Reported,
  me: Candidate,
  { key, former, isKeyKept = false, answers }: RaceRules & { readonly answers: readonly PeerAnswer[] },
): boolean {
  if (key === null || position === null) return true;
  const others = answers.map((each) => (each.kind === 'reported' ? { ...each, lookedAgo: null } : each));
  const own: Reported = {
    kind: 'reported',
    ...{ member: me.name, timeline: me.timeline, position: me.position },
    ...{ recovery: 'standby', lookedAgo: null, watchdogFailed: false, isUnpromised: false, askedAt, tags },
  };
  const heard = [...others.filter((each) => each.member !== member), own];
  // On my timeline it has my history, and who has parted from that has no vote for it either.
  const history = timeline === me.timeline ? (me.history ?? null) : null;
  return lacksVotes(key, { name: member, timeline, position, history }, { answers: heard, former, isKeyKept }) === null;
}

function mine(because: string): Duel {
  return { kind: 'mine', because };
}

/**
 * A timeline that is not known decides nothing: it counts as the newest that anybody has. Compared pair by pair, `a` could
 * beat `c` by its timeline, `c` beat `b` and `b` beat `a` by position, and nobody would win.
 */
function newestTimeline(me: Candidate, answers: readonly PeerAnswer[], rules: RaceRules): Timeline | null {
  const known = answers.flatMap((each) => (each.kind === 'reported' && couldLead(each, rules) ? each.timeline : null));
  return [me.timeline, ...known].reduce((newest, each) => {
    if (each === null || newest === null) return newest ?? each;
    return each > newest ? each : newest;
  }, null);
}

function couldLead(answer: Reported, rules: RaceRules): boolean {
  const isAble = !answer.watchdogFailed && answer.keepsOut !== true;
  const isAllowed = mayEverLead(answer.tags) && isAble && answer.isDiverged !== true;
  const isFit = answer.recovery === 'standby' && isAllowed;
  return isFit && answer.position !== null && !lagsTooFar(answer, rules);
}

/** Who has the proof that the key asks for has everything, and is held to no limit. */
function lagsTooFar({ position }: Reported, { key, least }: RaceRules): boolean {
  return key === null && least !== null && position !== null && position < least;
}

export type Reported = Extract<PeerAnswer, { kind: 'reported' }>;
