import { answerToFailsafe } from '../decide/failsafe-promise.ts';
import { remember } from '../decide/remember.ts';
import { type OperatorRequest, requestAcceptance, switchoverResult } from '../decide/request-acceptance.ts';
import type { FailsafeCall } from '../domain/failsafe.ts';
import type { RequestAnswer } from '../domain/requests.ts';
import type { WriteOutcome } from '../domain/store-write.ts';
import { later, seconds } from '../domain/time.ts';
import type { AgentEffect } from '../ports/effects.ts';
import { observe, storeObservation } from './observe.ts';
import { endOfOrder, receiveOrder } from './orders.ts';
import type { PendingRequest } from './pending-request.ts';
import { perform, type Stepped } from './perform.ts';
import type { AgentState } from './state.ts';

/** How many seconds a switchover is watched: twice the larger of ten and `loop_wait` (spec/rest-api.md 12). */
function pollsOf(state: AgentState): number {
  return 2 * Math.max(10, Math.round(state.timings.loopWait / 1000));
}

/** Bring each open request as far as it goes with what is known now. */
export function advanceRequests(state: AgentState): Stepped {
  let next = state;
  const effects: AgentEffect[] = [];
  for (const pending of state.requests) {
    const stepped = advance(next, pending);
    next = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state: next, effects };
}

function advance(state: AgentState, pending: PendingRequest): Stepped {
  switch (pending.phase.kind) {
    case 'judging':
      return judge(state, pending);
    case 'writing':
      return { state, effects: [] };
    case 'watching':
      return watchOn(state, pending);
    case 'ordered': {
      const answer = endOfOrder(state, pending);
      return answer === null ? { state, effects: [] } : reply(state, pending, answer);
    }
  }
}

/** The write that a request waited for was answered. */
export function requestWritten(state: AgentState, writeId: number, outcome: WriteOutcome): Stepped {
  const pending = state.requests.find((each) => each.phase.kind === 'writing' && each.phase.writeId === writeId);
  if (pending?.phase.kind !== 'writing') return { state, effects: [] };
  if (outcome.kind !== 'written') return reply(state, pending, writeFailed(pending, outcome));
  const { onWritten, holder } = pending.phase;
  if (onWritten !== 'watch') return reply(state, pending, onWritten);
  const until = later(state.now, seconds(pollsOf(state)));
  return {
    state: replaced(state, { ...pending, phase: { kind: 'watching', holder, keyRevision: outcome.revision, until } }),
    effects: [],
  };
}

function judge(state: AgentState, pending: PendingRequest): Stepped {
  const { request } = pending;
  if (request.kind === 'failsafe') return leaveTheLead(state, pending, request.call);
  if (request.kind === 'restart' || request.kind === 'cancel-restart' || request.kind === 'reinitialize') {
    const { state: next, answer } = receiveOrder(state, pending, request);
    return answer === null ? { state: next, effects: [] } : reply(next, pending, answer);
  }
  if (goesByTheStore(request) && storeObservation(state).kind === 'unsettled') {
    const isTooLate = pending.phase.kind === 'judging' && state.now >= pending.phase.until;
    return isTooLate ? reply(state, pending, { kind: 'drop' }) : { state, effects: [] };
  }
  const acceptance = requestAcceptance(observe(state), request, pending.receivedAt);
  switch (acceptance.kind) {
    case 'wait':
      return { state, effects: [] };
    case 'answer':
      return reply(state, pending, acceptance.answer);
    case 'ask':
      return perform(state, { ...state.decision, action: { kind: 'ask-peers', members: acceptance.members } });
    case 'write': {
      const writeId = state.nextId;
      const until = later(state.now, state.timings.retryTimeout);
      const holder = state.view?.lock?.holder ?? null;
      const phase = { kind: 'writing', writeId, onWritten: acceptance.onWritten, holder, until } as const;
      return {
        state: { ...replaced(state, { ...pending, phase }), nextId: writeId + 1 },
        effects: [{ kind: 'write', id: writeId, write: acceptance.write }],
      };
    }
  }
}

/**
 * Judged by a picture from before what was written here last, it would undo nothing (the picture shows what it asks for),
 * find nothing to take back, or lose against the request before it, which its sender was told is done.
 */
function goesByTheStore({ kind }: OperatorRequest): boolean {
  return kind !== 'reload' && kind !== 'succession';
}

/** A promise counts from before its answer leaves. */
function leaveTheLead(state: AgentState, pending: PendingRequest, call: FailsafeCall): Stepped {
  const o = observe(state);
  const reachesForLock = state.inFlight?.decision.action.kind === 'acquire-lock';
  const answer = answerToFailsafe(o, state.memory, { call, reachesForLock });
  if (answer.kind !== 'promised') return reply(state, pending, answer);
  return reply({ ...state, memory: remember(state.memory, o, { kind: 'failsafe-promised', call }) }, pending, answer);
}

function watchOn(state: AgentState, pending: PendingRequest): Stepped {
  const { request, phase } = pending;
  if (phase.kind !== 'watching' || (request.kind !== 'switchover' && request.kind !== 'failover'))
    return { state, effects: [] };
  // A view older than the request still shows the state before it.
  const isOlder = state.view !== null && state.view.revision < phase.keyRevision;
  if (isOlder && state.now < phase.until) return { state, effects: [] };
  const answer = switchoverResult(observe(state), request, {
    holder: phase.holder,
    until: phase.until,
    polls: pollsOf(state),
  });
  return answer === null ? { state, effects: [] } : reply(state, pending, answer);
}

function writeFailed(pending: PendingRequest, outcome: Exclude<WriteOutcome, { kind: 'written' }>): RequestAnswer {
  const isMove = pending.request.kind === 'switchover' || pending.request.kind === 'failover';
  if (isMove) return { kind: 'text', status: 503, text: 'failed to write failover key into DCS' };
  if (outcome.kind === 'conflict')
    return { kind: 'text', status: 409, text: 'somebody else changed it at the same time: read it again and repeat' };
  const status = pending.request.kind === 'put-config' ? 502 : 503;
  return { kind: 'text', status, text: 'the store did not confirm the write' };
}

function reply(state: AgentState, pending: PendingRequest, answer: RequestAnswer): Stepped {
  return {
    state: { ...state, requests: state.requests.filter((each) => each.id !== pending.id) },
    effects: [{ kind: 'reply', id: pending.id, answer }],
  };
}

function replaced(state: AgentState, pending: PendingRequest): AgentState {
  return { ...state, requests: state.requests.map((each) => (each.id === pending.id ? pending : each)) };
}
