import { type ClusterView, isVoter, type Member } from '../domain/cluster-view.ts';
import { patchConfig, sameInText } from '../domain/config-patch.ts';
import { NOTHING_CONFIGURED, saysNothing } from '../domain/dynamic-config.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { type MemberName, memberName, storeKey } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import type { StoreWrite } from '../domain/store-write.ts';
import { mayEverLead } from '../domain/tags.ts';
import type { Instant } from '../domain/time.ts';
import { later, millis } from '../domain/time.ts';
import { succession } from './succession.ts';

/** What becomes of a request: an answer at once, a write, or a question to peers first. */
export type Acceptance =
  | { readonly kind: 'answer'; readonly answer: RequestAnswer }
  | { readonly kind: 'write'; readonly write: StoreWrite; readonly onWritten: RequestAnswer | 'watch' }
  | { readonly kind: 'ask'; readonly members: readonly MemberName[] }
  | { readonly kind: 'wait' };

/** All but what members ask of each other, and what is ordered of this member alone (`order-acceptance.ts`). */
export type OperatorRequest = Exclude<
  AgentRequest,
  { kind: 'failsafe' | 'restart' | 'cancel-restart' | 'reinitialize' }
>;

type Move = Extract<AgentRequest, { kind: 'switchover' | 'failover' }>;

const PROBE_AGE_MAX = millis(2_000);

/** How is an operator's request received (spec/rest-api.md 10.3 and 12)? The texts are Patroni's. */
export function requestAcceptance(o: Observation, request: OperatorRequest, receivedAt: Instant): Acceptance {
  if (request.kind === 'reload') return refuse(202, 'reload scheduled');
  const view = latestView(o);
  // Patroni drops the connection then, and its command line falls back to writing the key itself (spec/rest-api.md 15).
  if (view === null || o.store.kind === 'silent') return { kind: 'answer', answer: { kind: 'drop' } };
  switch (request.kind) {
    case 'switchover':
    case 'failover':
      return move(o, view, request, receivedAt);
    case 'cancel-switchover':
      return cancel(view);
    case 'patch-config':
      return patch(o, view, request.patch);
    case 'put-config':
      return put(view, request.document);
    case 'succession':
      return succession(o, view, receivedAt);
  }
}

function move(o: Observation, view: ClusterView, request: Move, receivedAt: Instant): Acceptance {
  const early = refusedEarly(o, request);
  if (early !== null) return early;
  const action = request.kind === 'failover' && request.leader === null ? 'failover' : 'switchover';
  if (request.leader !== null && request.leader === request.candidate)
    return refuse(400, 'Switchover target and source are the same');
  if (request.scheduledAt !== null)
    return writeKey(request, { kind: 'text', status: 202, text: 'Switchover scheduled' });
  if (request.leader !== null && view.lock?.holder !== request.leader) return refuse(412, 'leader name does not match');
  const unsynced = withoutStandby(o, view, request, action);
  if (unsynced !== null) return unsynced;
  const candidates = candidatesFor(view, request.candidate);
  if (candidates.length === 0) {
    return request.candidate === null
      ? refuse(412, `${action} is not possible: cluster does not have members except leader`)
      : refuse(412, 'candidate does not exists');
  }
  return probed(o, candidates, { action, receivedAt }) ?? writeKey(request, 'watch');
}

/** Refusals that need no look at the cluster, in the order of the specification. */
function refusedEarly(o: Observation, request: Move): Acceptance | null {
  if (request.kind === 'failover' && request.candidate === null) {
    return refuse(400, 'Failover could be performed only to a specific candidate');
  }
  if (request.kind === 'switchover' && request.leader === null) {
    return refuse(400, 'Switchover could be performed only from a specific leader');
  }
  if (request.scheduledAt !== null) {
    if (request.kind === 'failover') return refuse(400, "Failover can't be scheduled");
    if (o.dynamic.pause) return refuse(400, "Can't schedule switchover in the paused state");
    const at = Date.parse(request.scheduledAt);
    if (Number.isNaN(at)) {
      return refuse(422, 'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601');
    }
    if (!/(?:z|[+-]\d\d(?::?\d\d)?|utc|gmt)$/i.test(request.scheduledAt.trim())) {
      return refuse(400, 'Timezone information is mandatory for the scheduled switchover');
    }
    if (at < o.wallNow) return refuse(422, 'Cannot schedule switchover in the past');
  }
  return o.dynamic.pause && request.candidate === null
    ? refuse(400, 'Switchover is possible only to a specific candidate in a paused state')
    : null;
}

/** In mode `on` a switchover leads to a synchronous standby; a manual failover leads where it is told to. */
function withoutStandby(o: Observation, view: ClusterView, request: Move, action: string): Acceptance | null {
  if (o.dynamic.synchronousMode !== 'on' || action === 'failover') return null;
  const isStandby = (name: string): boolean => view.sync !== null && isVoter(view.sync, memberName(name));
  if (request.candidate !== null) {
    return isStandby(request.candidate) ? null : refuse(412, 'candidate name does not match with sync_standby');
  }
  const isAny = view.members.some((each) => isStandby(each.name));
  return isAny ? null : refuse(412, `${action} is not possible: can not find sync_standby`);
}

function candidatesFor(view: ClusterView, candidate: string | null): readonly Member[] {
  const others = view.members.filter((each) => each.name !== view.lock?.holder && each.apiUrl !== null);
  return candidate === null ? others : others.filter((each) => each.name === candidate);
}

/** At least one of the candidates must answer and be allowed to lead. @returns `null` when one does. */
function probed(
  o: Observation,
  candidates: readonly Member[],
  request: { readonly action: string; readonly receivedAt: Instant },
): Acceptance | null {
  const isGood = (each: Member): boolean => {
    if (each.name === o.config.name) return o.postgres?.server.kind === 'standby' && mayEverLead(o.config.tags);
    const answer = o.peers.get(each.name);
    const isFresh = answer !== undefined && answer.askedAt >= request.receivedAt;
    return isFresh && answer.kind === 'reported' && mayEverLead(answer.tags) && !answer.watchdogFailed;
  };
  if (candidates.some(isGood)) return null;
  const open = candidates.filter((each) => {
    const answer = o.peers.get(each.name);
    return each.name !== o.config.name && (answer === undefined || answer.askedAt < request.receivedAt);
  });
  if (open.length > 0 && o.now < later(request.receivedAt, PROBE_AGE_MAX)) {
    const wasAsked = o.peersAskedAt !== null && o.peersAskedAt >= request.receivedAt;
    return wasAsked ? { kind: 'wait' } : { kind: 'ask', members: everybodyElse(o) };
  }
  return refuse(412, `${request.action} is not possible: no good candidates have been found`);
}

/** All are asked, not the candidates alone: when peers were last asked is one time, and a race may go by it. */
function everybodyElse(o: Observation): readonly MemberName[] {
  const members = latestView(o)?.members ?? [];
  return members.filter((each) => each.name !== o.config.name && each.apiUrl !== null).map((each) => each.name);
}

/** Unconditional, as Patroni writes it: the newest request counts. */
function writeKey(request: Move, onWritten: RequestAnswer | 'watch'): Acceptance {
  const json: Record<string, Json> = {};
  if (request.leader !== null) json['leader'] = request.leader;
  if (request.candidate !== null) json['member'] = request.candidate;
  if (request.scheduledAt !== null) json['scheduled_at'] = request.scheduledAt;
  const write: StoreWrite = {
    key: storeKey('failover'),
    action: { kind: 'put', value: { kind: 'json', json }, lease: null },
    when: [],
  };
  return { kind: 'write', write, onWritten };
}

function cancel(view: ClusterView): Acceptance {
  if (view.failover === null || view.failover.schedule.kind === 'now') return refuse(404, 'no switchover is scheduled');
  const key = storeKey('failover');
  const write: StoreWrite = {
    key,
    action: { kind: 'put', value: { kind: 'json', json: {} }, lease: null },
    when: [{ kind: 'mod-revision-is', key, revision: view.failover.modRevision }],
  };
  return { kind: 'write', write, onWritten: { kind: 'text', status: 200, text: 'scheduled switchover deleted' } };
}

function patch(o: Observation, view: ClusterView, change: JsonObject): Acceptance {
  const stored = view.config.kind === 'valid' ? view.config.config.document : {};
  // Patched, an empty one would count, and all that is in force without it would be gone. Where nothing is, whoever leads
  // has nothing to write over it either.
  const isForgotten = saysNothing(stored) && !saysNothing(o.dynamic.document);
  if (view.config.kind !== 'valid' || isForgotten)
    return refuse(503, 'the cluster has no configuration yet: nothing was changed');
  const patched = patchConfig(stored, change);
  // Who takes the last word away, as at the end of a pause, wants the defaults: an empty document would not say so.
  const document = saysNothing(patched.document) ? NOTHING_CONFIGURED : patched.document;
  const answer: RequestAnswer = { kind: 'json', status: 200, body: document };
  if (!patched.changed) return { kind: 'answer', answer };
  const key = storeKey('config');
  const write: StoreWrite = {
    key,
    action: { kind: 'put', value: { kind: 'json', json: document }, lease: null },
    when: [{ kind: 'mod-revision-is', key, revision: view.config.modRevision }],
  };
  return { kind: 'write', write, onWritten: answer };
}

/** Unconditional, as whoever sends all of it means all of it; a key that is missing is made. */
function put(view: ClusterView, document: JsonObject): Acceptance {
  const answer: RequestAnswer = { kind: 'json', status: 200, body: document };
  if (view.config.kind === 'valid' && sameInText(view.config.config.document, document)) {
    return { kind: 'answer', answer };
  }
  const key = storeKey('config');
  const action = { kind: 'put', value: { kind: 'json', json: document }, lease: null } as const;
  return { kind: 'write', write: { key, action, when: [] }, onWritten: answer };
}

function refuse(status: number, text: string): Acceptance {
  return { kind: 'answer', answer: { kind: 'text', status, text } };
}

/** Is the switchover over, as seen from any member? The winner removes the request and holds the lock. */
export function switchoverResult(
  o: Observation,
  request: Move,
  before: { readonly holder: MemberName | null; readonly until: Instant; readonly polls: number },
): RequestAnswer | null {
  const view = latestView(o);
  const did = request.kind === 'switchover' || request.leader !== null ? 'Switch' : 'Fail';
  const holder = view?.lock?.holder ?? null;
  if (holder !== null && holder !== before.holder) {
    const wanted = request.candidate;
    const text =
      wanted === null || wanted === holder
        ? `Successfully ${did === 'Switch' ? 'switched' : 'failed'} over to "${holder}"`
        : `${did}ed over to "${holder}" instead of "${memberName(wanted)}"`;
    return { kind: 'text', status: 200, text };
  }
  const name = did === 'Switch' ? 'Switchover' : 'Failover';
  if (o.store.kind === 'settled' && o.store.view.failover === null)
    return { kind: 'text', status: 503, text: `${name} failed` };
  if (o.now < before.until) return null;
  const unknown = `${name} status unknown after ${String(before.polls)} seconds; operation may still be in progress`;
  return { kind: 'text', status: 503, text: unknown };
}
