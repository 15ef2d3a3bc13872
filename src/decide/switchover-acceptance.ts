import type { ClusterView, FailoverRequest } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { storeKey } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { later, seconds } from '../domain/time.ts';
import { conclude, run, wait } from './conclude.ts';
import { dueness } from './due-request.ts';
import { heldLock, isBackingOff } from './facts.ts';
import type { RuleId } from './rules.ts';
import { successor } from './successor.ts';

/**
 * I lead, and the failover key holds a request: when is a switchover accepted? When it is due, names me or nobody as
 * the leader, and a healthy candidate exists. What can never work is removed at once; the key is otherwise removed by
 * whoever leads next (spec/ha.md 2.17). While the store does not let it be removed everything else goes on.
 */
export function switchoverAcceptance(o: Observation, m: Memory): Decision | null {
  const decision = answered(o, m);
  return decision?.action.kind === 'write' && isBackingOff(decision.rule, o, m) ? null : decision;
}

function answered(o: Observation, m: Memory): Decision | null {
  const view = latestView(o);
  if (heldLock(o) === null || view?.failover === undefined || view.failover === null || m.leaving !== null) return null;
  if (!leads(o)) return null;
  const request = view.failover;
  if (isFulfilled(o, m, request)) return remove('request-fulfilled', request, 'I am the new leader');
  const verdict = judge(o, view, request);
  switch (verdict.kind) {
    case 'later':
      return null;
    case 'refused':
      return remove('switchover-refused', request, verdict.because);
    case 'plausible':
      return accept(o, m, request);
  }
}

/** In a pause the key is left alone on a standby leader (spec/ha.md P1). */
function leads(o: Observation): boolean {
  const server = o.postgres?.server.kind;
  return server === 'primary' || (server === 'standby' && isStandbyCluster(o.dynamic) && !o.dynamic.pause);
}

/**
 * I won the lock, and the request led away from somebody else or to me: it has done its work. So it has when it led away
 * from me and nobody took the lock: without an end it would be tried over and over, each time with an outage.
 */
function isFulfilled(o: Observation, m: Memory, request: FailoverRequest): boolean {
  if (m.acquired?.how !== 'race' || request.schedule.kind === 'unreadable') return false;
  const isOlder = request.schedule.kind === 'now' && request.modRevision < m.acquired.createRevision;
  const ledHere = request.candidate === o.config.name || (request.leader !== null && request.leader !== o.config.name);
  return ledHere || isOlder;
}

type Verdict =
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'plausible' };

function judge(o: Observation, view: ClusterView, request: FailoverRequest): Verdict {
  const me = o.config.name;
  const refused = (because: string): Verdict => ({ kind: 'refused', because });
  switch (dueness(o, request)) {
    case 'later':
      return { kind: 'later' };
    case 'unreadable':
      return refused(`Incorrect value of scheduled_at: ${scheduleText(request)}`);
    case 'stale':
      return refused(`stale schedule: ${scheduleText(request)}`);
    case 'now':
      break;
  }
  if (request.leader !== null && request.leader !== me)
    return refused(`leader name does not match: ${request.leader} != ${me}`);
  if (request.candidate === me) return refused('I am already the leader');
  if (request.candidate === null && o.dynamic.pause)
    return refused('possible only to a specific candidate in a paused state');
  const isMember = view.members.some((each) => each.name === request.candidate);
  if (request.candidate !== null && !isMember) return refused(`candidate ${request.candidate} is not a member`);
  return { kind: 'plausible' };
}

function scheduleText({ schedule }: FailoverRequest): string {
  return schedule.kind === 'now' ? 'now' : schedule.text;
}

function accept(o: Observation, m: Memory, request: FailoverRequest): Decision {
  const wish = { candidate: request.candidate, except: null, isManual: request.leader === null };
  const next = successor(o, wish, 'switchover-ask');
  if (next.kind === 'ask') return next.decision;
  if (next.kind === 'none') {
    const why = next.refused.map((each) => `${each.alternative}: ${each.because}`).join('; ');
    const settledAt = m.acquired === null ? o.now : later(m.acquired.at, SETTLING);
    if (o.now < settledAt) return wait('switchover-ask', 'the members to follow the new leader', settledAt, { why });
    return remove('switchover-refused', request, `no healthy members found${why === '' ? '' : ` (${why})`}`);
  }
  const timeout = o.dynamic.primaryStopTimeout;
  return run(
    'switchover-accepted',
    { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout },
    { to: next.name, asked: request.candidate ?? 'anybody' },
  );
}

/** How long after a change of leader nobody is refused for what the others have not seen yet: their stream, my timeline. */
const SETTLING = seconds(3);

/** Compare-and-swap: never remove a request that is newer than the one judged. */
function remove(rule: RuleId, request: FailoverRequest, because: string): Decision {
  const key = storeKey('failover');
  return conclude(
    rule,
    {
      kind: 'write',
      write: {
        key,
        action: { kind: 'put', value: { kind: 'json', json: {} }, lease: null },
        when: [{ kind: 'mod-revision-is', key, revision: request.modRevision }],
      },
    },
    { because },
  );
}
