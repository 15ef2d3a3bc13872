import { type AgentState, initialAgentState } from '../../src/agent/state.ts';
import { stepAgent } from '../../src/agent/step.ts';
import { decide } from '../../src/decide/decide.ts';
import { latestView } from '../../src/domain/observation.ts';
import { earlier, later, type Millis, millis, seconds, wallTime } from '../../src/domain/time.ts';
import type { AgentEffect } from '../../src/ports/effects.ts';
import type { AgentEvent, AgentHappening } from '../../src/ports/events.ts';
import type { Situation } from './observations.ts';

/** The agent machine in the midst of a situation, with nothing under way. */
export function agentIn({ o, m }: Situation): AgentState {
  const { now, wallNow, config, dynamic } = o;
  const decision = decide(o, m);
  return {
    ...initialAgentState({ at: now, wallAt: wallNow, config, dynamic }),
    timings: o.timings,
    effective: o.effective,
    memory: m,
    view: latestView(o),
    viewAt: o.store.kind === 'unknown' ? null : now,
    viewWallAt: o.store.kind === 'unknown' ? null : wallNow,
    lockChangedAt: earlier(now, seconds(600)),
    storeSilent: o.store.kind === 'silent' ? { since: o.store.since, reason: o.store.reason } : null,
    postgres: o.postgres,
    lease: o.lease,
    peers: o.peers,
    peersAskedAt: o.peersAskedAt,
    leaderHistory: o.leaderHistory,
    ownHistory: o.ownHistory,
    decision,
    logged: decision,
  };
}

export type Story = { readonly state: AgentState; readonly effects: readonly AgentEffect[] };

/** That this happens `span` after the last step. */
export function happens(state: AgentState, happening: AgentHappening, span: Millis = millis(1)): Story {
  const event: AgentEvent = { at: later(state.now, span), wallAt: wallTime(state.wallNow + span), ...happening };
  return stepAgent(state, event);
}

/** The effects of one kind. */
export function effectsOf<Kind extends AgentEffect['kind']>(
  { effects }: Story,
  kind: Kind,
): readonly Extract<AgentEffect, { kind: Kind }>[] {
  return effects.filter((each): each is Extract<AgentEffect, { kind: Kind }> => each.kind === kind);
}
