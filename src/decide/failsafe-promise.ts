import type { Decision } from '../domain/decision.ts';
import type { FailsafeCall, FailsafePromise } from '../domain/failsafe.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import type { RequestAnswer } from '../domain/requests.ts';
import { type Instant, later } from '../domain/time.ts';
import { leadMayLast, mayGoOnWithoutStore } from '../domain/told-failsafe.ts';
import { wait } from './conclude.ts';
import { dueRequest } from './due-request.ts';
import { heldLock, lockIn } from './facts.ts';
import { isListed } from './failsafe-list.ts';
import { electionKey, needsVotes } from './sync-election.ts';
import { whoMayCampaign } from './who-may-campaign.ts';

/**
 * A leader without the store asks me to leave the lead to it: do I? Not when I run as a primary, have the lock or reach
 * for it, or am named to lead next, and not to anybody but the last leader that I know, nor to two (spec/ha.md W27).
 * Anything but 200 is a refusal for whoever asked (F4). `reachesForLock`: an acquisition of mine is under way, and may
 * succeed yet.
 */
export function answerToFailsafe(
  o: Observation,
  m: Memory,
  { call, reachesForLock }: { readonly call: FailsafeCall; readonly reachesForLock: boolean },
): RequestAnswer {
  if (!o.dynamic.failsafeMode) return { kind: 'text', status: 502, text: 'failsafe mode is off' };
  const server = o.postgres?.server;
  if (server?.kind === 'primary' || m.role === 'promoted') {
    return { kind: 'text', status: 500, text: 'Running as a leader' };
  }
  const other = heldLock(o) !== null || reachesForLock ? o.config.name : betterClaim(o, m, call.name);
  if (other !== null) return { kind: 'text', status: 409, text: `the leader is ${other}, as far as this member knows` };
  if (isWanted(o, m)) return { kind: 'text', status: 409, text: `${o.config.name} is asked to take over` };
  return { kind: 'promised', lsn: server?.kind === 'standby' ? standbyPosition(server) : null };
}

function betterClaim(o: Observation, m: Memory, asker: MemberName): MemberName | null {
  const leader = promiseInForce(o, m)?.to ?? lockIn(o)?.holder ?? m.lastHolder?.name ?? asker;
  return leader === asker ? null : leader;
}

/**
 * An operator names me as the next leader, and I may lead: whoever goes on by my promise gets no other one, and stops before
 * the last one is over. Else the request would wait for as long as that leader is without the store. A request that I know
 * from an old picture alone does not count: it may be void, and without the store nobody could lead instead. Nor does one
 * where I need votes: those may be out of my reach, and then nobody would lead.
 */
function isWanted(o: Observation, m: Memory): boolean {
  if (o.store.kind !== 'settled' && o.store.kind !== 'unsettled') return false;
  const { view } = o.store;
  const request = dueRequest(o, m, view);
  if (request?.candidate !== o.config.name || !isListed(o, view, o.config.name)) return false;
  return !needsVotes(electionKey(o, m, view, request)) && whoMayCampaign(o, m, view).kind === 'may';
}

/**
 * Nobody holds the lock: for whom, and how long, do I keep out of the race all the same? For a leader that I left it to,
 * unless it says since then that it is none any more.
 * @param since answers from before tell of the last leader's time.
 */
export function keepsPromise(o: Observation, m: Memory, since: Instant): Keeping | null {
  const kept = promiseInForce(o, m);
  if (kept === null) return mayHavePromised(o, m, since);
  const answer = o.peers.get(kept.to);
  const leadsNoMore = answer?.kind === 'reported' && answer.askedAt >= since && answer.recovery === 'standby';
  return leadsNoMore ? null : kept;
}

/** Keep out of the race for `to`, and look again at `until`. */
export function keepOut(o: Observation, m: Memory, { to, until, isPerhaps }: Keeping): Decision {
  const leads = isPerhaps === true ? `${to}, which may lead without the store` : `${to}, which leads without the store`;
  const facts = { to, ...(isPerhaps === true && { isPerhaps }) };
  return isWanted(o, m)
    ? wait('failsafe-promised', `${leads}, to stop: it gets no other promise`, until, { ...facts, isLetGo: true })
    : wait('failsafe-promised', leads, until, facts);
}

/** To whom I have left the lead, and until when; `null`: to nobody, or that is over. */
export function promiseInForce(o: Observation, m: Memory): FailsafePromise | null {
  return m.promise !== null && o.now < m.promise.until ? m.promise : null;
}

/**
 * An agent that was just started may have promised the lead to somebody in its life before. One that is still a primary
 * says so when it is asked; until everybody on the list has answered, one `ttl` is waited for (spec/ha.md W37).
 */
function mayHavePromised(o: Observation, m: Memory, since: Instant): Keeping | null {
  const until = later(m.startedAt, leadMayLast(o));
  if (!mayGoOnWithoutStore(o) || o.now >= until) return null;
  const silent = [...(latestView(o)?.failsafe?.keys() ?? [])].find((name) => {
    const answer = o.peers.get(name);
    return name !== o.config.name && (answer?.kind !== 'reported' || answer.askedAt < since);
  });
  return silent === undefined ? null : { to: silent, until, isPerhaps: true };
}

/** `isPerhaps`: of a life of this agent before, which may have promised it. */
type Keeping = { readonly to: MemberName; readonly until: Instant; readonly isPerhaps?: true };
