import { isVoter, type Member, type SyncKey } from '../domain/cluster-view.ts';
import type { Decision, Refusal } from '../domain/decision.ts';
import type { Lsn } from '../domain/lsn.ts';
import { lagBytes } from '../domain/lsn.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import type { WalSender } from '../domain/postgres-report.ts';
import { lagging, notAllowed, type Unfit, type UnfitReason } from '../domain/succession.ts';
import { mayEverLead } from '../domain/tags.ts';
import type { Millis } from '../domain/time.ts';
import { earlier, millis } from '../domain/time.ts';
import { awaitPeers } from './peers.ts';
import type { RuleId } from './rules.ts';

/** An answer older than this says too little about who could take over now. */
export const ANSWER_AGE_MAX: Millis = millis(1_000);

export type Successor =
  | { readonly kind: 'found'; readonly name: MemberName }
  | { readonly kind: 'none'; readonly refused: readonly Refusal[] }
  | { readonly kind: 'ask'; readonly decision: Decision };

/** Is a failover possible: does a healthy member exist that could take over from me (spec/ha.md 2.17)? */
export function successor(o: Observation, wish: Wish, rule: RuleId = 'ask-peers'): Successor {
  const candidates = (latestView(o)?.members ?? []).filter((each) => isEligible(each, o, wish));
  const pending = awaitPeers(o, candidates, { since: earlier(o.now, ANSWER_AGE_MAX), rule });
  if (pending !== null) return { kind: 'ask', decision: pending };
  // Who has what was acknowledged in a synchronous mode leads however far it is behind the rest.
  const lastLsn = activeKey(o) === null ? (wish.lastLsn ?? null) : null;
  const refused: Refusal[] = [];
  const good = candidates.filter((each) => {
    const uncounted = wish.isManual === true ? null : asynchronous(o, each.name);
    const unfit = uncounted ?? unfitness(o, o.peers.get(each.name), lastLsn);
    if (unfit !== null) refused.push({ alternative: each.name, because: unfit.because });
    return unfit === null;
  });
  const quorum = wish.candidate === null ? votersNeeded(o) : 0;
  if (good.length > 0 && good.length - 1 < quorum) {
    const because = `${String(good.length)} voters are healthy, and it takes ${String(quorum + 1)}`;
    return { kind: 'none', refused: [...refused, { alternative: 'a quorum', because }] };
  }
  const furthest = good.toSorted((a, b) => comparePositions(positionOf(o, b), positionOf(o, a)))[0];
  return furthest === undefined ? { kind: 'none', refused } : { kind: 'found', name: furthest.name };
}

/**
 * `isManual`: a manual failover, which is allowed to lose what a synchronous mode promised. `lastLsn`: what the lock would
 * be given up with, where PostgreSQL is down; whoever lags further behind that may not lead.
 */
export type Wish = {
  readonly candidate: MemberName | null;
  readonly except: MemberName | null;
  readonly isManual?: boolean;
  readonly lastLsn?: Lsn | null;
};

/** In a synchronous mode only voters have, or may testify of, what was acknowledged. `null`: it is one, or no mode is active. */
export function asynchronous(o: Observation, name: MemberName): Unfit | null {
  const key = activeKey(o);
  return key === null || isVoter(key, name) ? null : { reason: 'asynchronous', because: 'is no synchronous standby' };
}

function votersNeeded(o: Observation): number {
  return activeKey(o)?.quorum ?? 0;
}

function activeKey(o: Observation): SyncKey | null {
  return o.dynamic.synchronousMode === 'off' ? null : (latestView(o)?.sync ?? null);
}

function isEligible(member: Member, o: Observation, wish: Wish): boolean {
  if (member.name === o.config.name || member.name === wish.except || member.apiUrl === null) return false;
  return (wish.candidate === null || member.name === wish.candidate) && mayEverLead(member.tags);
}

/** Why this answer of a member makes no successor of me; `null` when it does. */
export function unfitness(o: Observation, answer: PeerAnswer | undefined, lastLsn: Lsn | null = null): Unfit | null {
  if (answer === undefined || answer.kind === 'no-answer') return unfit('unreachable', 'not reachable');
  if (!mayEverLead(answer.tags)) return notAllowed;
  if (answer.watchdogFailed) return unfit('watchdog', 'not watchdog capable');
  if (answer.recovery === 'primary') return unfit('primary', 'is a primary itself');
  if (answer.isDiverged === true) return unfit('diverged', 'has parted from this leader');
  if (answer.keepsOut === true) return unfit('keeps-out', 'keeps out: its pre_promote said no a moment ago');
  const { server } = o.postgres ?? { server: null };
  // It reports what its last look saw, and may have followed since: what streams from here is where it should be.
  const isElsewhere = server?.kind === 'primary' && answer.timeline !== null && answer.timeline !== server.timeline;
  const streams = server?.kind === 'primary' && server.walSenders.some((each) => isStream(each, answer.member));
  if (isElsewhere && !streams) return unfit('timeline', `is on timeline ${String(answer.timeline)}`);
  if (answer.position === null) return unfit('position-unknown', 'does not say its position');
  const lag = lagBehindMe(o, answer.position, lastLsn);
  return lag !== null && lag > o.dynamic.maximumLagOnFailoverBytes ? lagging(lag) : null;
}

/** Bytes; `null`: where I am is not known. */
export function lagBehindMe(o: Observation, position: Lsn, lastLsn: Lsn | null = null): bigint | null {
  const leaderLsn = lastLsn ?? ownFlush(o) ?? latestView(o)?.status.lastLsn ?? null;
  return leaderLsn === null ? null : lagBytes({ ahead: leaderLsn, behind: position });
}

function unfit(reason: UnfitReason, because: string): Unfit {
  return { reason, because };
}

/** A standby tells its member name as `application_name`. */
function isStream(sender: WalSender, member: MemberName): boolean {
  return sender.state === 'streaming' && sender.applicationName === member;
}

function ownFlush(o: Observation): Lsn | null {
  return o.postgres?.server.kind === 'primary' ? o.postgres.server.flushLsn : null;
}

function positionOf(o: Observation, member: Member): Lsn | null {
  const answer = o.peers.get(member.name);
  return answer?.kind === 'reported' ? answer.position : null;
}

/** Unknown before known. */
function comparePositions(a: Lsn | null, b: Lsn | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
