import { type OrderRequest, orderAcceptance, restartResult } from '../decide/order-acceptance.ts';
import { remember } from '../decide/remember.ts';
import type { RequestAnswer } from '../domain/requests.ts';
import { later } from '../domain/time.ts';
import { observe } from './observe.ts';
import type { PendingRequest } from './pending-request.ts';
import type { AgentState } from './state.ts';

/** What becomes of a request about this member's own PostgreSQL; `answer` `null`: it is told its end. */
export type Ordered = { readonly state: AgentState; readonly answer: RequestAnswer | null };

/** An order is remembered at once: what is decided in this very step goes by it. */
export function receiveOrder(state: AgentState, pending: PendingRequest, request: OrderRequest): Ordered {
  const o = observe(state);
  const acceptance = orderAcceptance(o, state.memory, request, pending.id);
  if (acceptance.kind === 'answer') return { state, answer: acceptance.answer };
  const phase = { kind: 'ordered', until: later(state.now, state.timings.retryTimeout) } as const;
  const requests = state.requests.map((each) => (each.id === pending.id ? { ...pending, phase } : each));
  return {
    state: { ...state, memory: remember(state.memory, o, acceptance.happening), requests },
    answer: acceptance.answer,
  };
}

/** What whoever ordered a restart is told now; `null`: it is not over. */
export function endOfOrder(state: AgentState, { id, phase }: PendingRequest): RequestAnswer | null {
  return restartResult(state.memory, id, phase.kind === 'ordered' && state.now >= phase.until);
}
