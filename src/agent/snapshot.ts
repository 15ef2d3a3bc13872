import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import { later } from '../domain/time.ts';
import { observe } from './observe.ts';
import type { AgentState } from './state.ts';

/** What the REST API answers from. */
export function snapshotOf(state: AgentState): NodeSnapshot {
  return {
    observation: observe(state),
    memory: state.memory,
    decision: state.decision,
    decidedAt: state.decidedAt,
    nextStepDue: state.timers.loop ?? later(state.now, state.timings.loopWait),
    storeSeenAt: state.viewWallAt,
  };
}
