import { peersOf } from '../decide/campaign.ts';
import { FAILSAFE_ANSWER_LIMIT, failsafeCall } from '../decide/failsafe.ts';
import { PEER_ANSWER_LIMIT } from '../decide/peers.ts';
import { isRemote } from '../decide/remote-source.ts';
import type { Action, Decision } from '../domain/decision.ts';
import type { FailsafeMembers } from '../domain/failsafe.ts';
import { assertNever } from '../domain/invariant.ts';
import { memberName, storeKey } from '../domain/names.ts';
import { ownWal } from '../domain/shared-branch.ts';
import type { StoreWrite } from '../domain/store-write.ts';
import { type Instant, later, millis } from '../domain/time.ts';
import type { AgentEffect, PeerAddress } from '../ports/effects.ts';
import type { HeartbeatCommand } from '../ports/heartbeat.ts';
import { observe } from './observe.ts';
import type { AgentState } from './state.ts';

/** How long an upstream has to tell its history. */
const HISTORY_ANSWER_LIMIT = millis(1_500);

export type Stepped = { readonly state: AgentState; readonly effects: readonly AgentEffect[] };

/** Turn a decision into its effects. Whoever carries them out makes no choice, so none is left open here. */
export function perform(state: AgentState, decision: Decision): Stepped {
  const { action } = decision;
  switch (action.kind) {
    case 'stay':
    case 'wait':
      return { state, effects: [] };
    case 'ask-peers':
      return askPeers(state, action);
    case 'ask-failsafe':
      return askFailsafe(state, action.members);
    case 'extend-by-members':
      return extendByMembers(state, action.askedAt);
    case 'ask-history':
      return askHistory(state, action);
    case 'acquire-lock':
      return command(state, decision, { kind: 'acquire' });
    case 'adopt-lock':
      return command(state, decision, {
        kind: 'adopt',
        createRevision: action.createRevision,
        modRevision: action.modRevision,
      });
    case 'release-lock':
      return release(state, decision, action);
    case 'disarm-guardian':
      return unanswered(state, { kind: 'disarm', evidence: action.evidence });
    case 'run':
      return runTask(state, decision, action);
    case 'cancel-task':
      return cancelTask(state);
    case 'reconfigure':
      return numbered(state, decision, (id) => ({ kind: 'reconfigure', id, desired: action.desired }));
    case 'write':
      return numbered(state, decision, (id) => ({ kind: 'write', id, write: action.write }));
    case 'exit':
      return { state, effects: [{ kind: 'exit', code: action.code }] };
    default:
      return assertNever(action);
  }
}

function askPeers(state: AgentState, action: Extract<Action, { kind: 'ask-peers' }>): Stepped {
  if (state.view === null) return { state, effects: [] };
  const known = peersOf(observe(state), state.memory, state.view);
  const peers = known.flatMap((each): readonly PeerAddress[] =>
    each.apiUrl !== null && action.members.includes(each.name) ? [{ member: each.name, apiUrl: each.apiUrl }] : [],
  );
  return {
    state: { ...state, peersAskedAt: state.now },
    effects: [{ kind: 'ask-peers', peers, limit: PEER_ANSWER_LIMIT, maxAge: action.maxAge ?? null }],
  };
}

function askFailsafe(state: AgentState, members: FailsafeMembers): Stepped {
  const peers = [...members].map(([member, apiUrl]) => ({ member, apiUrl }));
  const call = failsafeCall(observe(state));
  const { ttl } = state.timings;
  const round = { askedAt: state.now, ttl, members: [...members.keys()], answers: new Map(), isTold: false };
  return {
    state: { ...state, failsafe: round },
    effects: [{ kind: 'ask-failsafe', askedAt: state.now, peers, call, limit: FAILSAFE_ANSWER_LIMIT }],
  };
}

function extendByMembers(state: AgentState, askedAt: Instant): Stepped {
  const { failsafe } = state;
  if (failsafe === null) return { state, effects: [] };
  const told = unanswered(state, { kind: 'extend-by-members', askedAt, ttl: failsafe.ttl });
  return { ...told, state: { ...told.state, failsafe: { ...failsafe, isTold: true } } };
}

function askHistory(state: AgentState, action: Extract<Action, { kind: 'ask-history' }>): Stepped {
  if (state.historyAsked) return { state, effects: [] };
  const { upstream } = action;
  const isMember = state.view?.members.some((each) => each.name === upstream.member) === true;
  if (!isMember && !isRemote(observe(state), upstream.member)) return { state, effects: [] };
  const member = memberName(upstream.member);
  const own = state.postgres === null ? null : ownWal(state.postgres);
  return {
    state: { ...state, historyAsked: true },
    effects: [{ kind: 'ask-history', upstream, member, own, limit: HISTORY_ANSWER_LIMIT }],
  };
}

function runTask(state: AgentState, decision: Decision, action: Extract<Action, { kind: 'run' }>): Stepped {
  const id = state.nextId;
  const { beforeStop, prePromote } = state.effective;
  const task = { id, task: action.task, since: state.now, note: null, cancelling: false, decision };
  return {
    state: { ...state, nextId: id + 1, task },
    effects: [{ kind: 'run-task', id, task: action.task, scripts: { beforeStop, prePromote } }],
  };
}

function cancelTask(state: AgentState): Stepped {
  if (state.task === null) return { state, effects: [] };
  return {
    state: { ...state, task: { ...state.task, cancelling: true } },
    effects: [{ kind: 'cancel-task', id: state.task.id }],
  };
}

function command(state: AgentState, decision: Decision, order: HeartbeatCommand): Stepped {
  return numbered(state, decision, (id) => ({ kind: 'heartbeat', id, command: order }));
}

function numbered(state: AgentState, decision: Decision, effect: (id: number) => AgentEffect): Stepped {
  const id = state.nextId;
  return { state: { ...state, nextId: id + 1, inFlight: { id, decision } }, effects: [effect(id)] };
}

function unanswered(state: AgentState, order: HeartbeatCommand): Stepped {
  return {
    state: { ...state, nextId: state.nextId + 1 },
    effects: [{ kind: 'heartbeat', id: state.nextId, command: order }],
  };
}

/**
 * The heartbeat releases only when nothing of PostgreSQL is left, or on evidence that it cannot write: a running standby
 * is that evidence, given first.
 */
function release(state: AgentState, decision: Decision, action: Extract<Action, { kind: 'release-lock' }>): Stepped {
  const order: HeartbeatCommand = {
    kind: 'release',
    createRevision: action.createRevision,
    status: lastStatus(state, action),
  };
  const isStandby = state.postgres?.server.kind === 'standby' && state.memory.role !== 'promoted';
  const evidence = action.evidence ?? (isStandby ? 'PostgreSQL is a standby' : null);
  if (evidence === null) return command(state, decision, order);
  const disarmed = unanswered(state, { kind: 'disarm', evidence });
  const released = command(disarmed.state, decision, order);
  return { state: released.state, effects: [...disarmed.effects, ...released.effects] };
}

/** The shutdown position, kept beside the slots that the last status named. */
function lastStatus(state: AgentState, action: Extract<Action, { kind: 'release-lock' }>): StoreWrite | null {
  const stored = state.view?.status;
  if (action.lastLsn === null || stored === undefined) return null;
  const json = {
    optime: action.lastLsn,
    ...(stored.slots.size === 0 ? {} : { slots: Object.fromEntries(stored.slots) }),
    ...(stored.retainSlots.length === 0 ? {} : { retain_slots: stored.retainSlots }),
  };
  const leader = storeKey('leader');
  return {
    key: storeKey('status'),
    action: { kind: 'put', value: { kind: 'json', json }, lease: null },
    when: [{ kind: 'create-revision-is', key: leader, revision: action.createRevision }],
  };
}

/** When the machine wants to be woken for what it decided, if at all. */
export function wakeAt(state: AgentState, decision: Decision): AgentState['now'] | null {
  const { action } = decision;
  if (action.kind === 'wait' && action.until !== null) return action.until;
  return action.kind === 'ask-peers' ? later(state.now, PEER_ANSWER_LIMIT) : null;
}
