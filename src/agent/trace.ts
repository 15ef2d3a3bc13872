import type { AgentConfig } from '../domain/agent-config.ts';
import type { Decision } from '../domain/decision.ts';
import type { DynamicConfig } from '../domain/dynamic-config.ts';
import type { Memory } from '../domain/memory.ts';
import type { Instant, WallTime } from '../domain/time.ts';
import type { AgentEffect } from '../ports/effects.ts';
import type { AgentEvent } from '../ports/events.ts';
import type { Tracer } from '../ports/trace.ts';
import type { AgentState } from './state.ts';

/** From what `initialAgentState` makes the first state. */
export type AgentStart = {
  readonly at: Instant;
  readonly wallAt: WallTime;
  readonly config: AgentConfig;
  readonly dynamic: DynamicConfig;
};

/** One step of the agent machine. `memory`: the fields that it changed. */
export type AgentTraceStep = {
  readonly event: AgentEvent;
  readonly decision: Decision;
  readonly memory: Partial<Memory>;
  readonly effects: readonly AgentEffect[];
};

export type AgentTracer = Tracer<AgentStart, AgentState, AgentTraceStep>;

/** What a step that led from `before` to `after` says in a trace. */
export function traceStep(
  event: AgentEvent,
  change: { readonly before: AgentState; readonly after: AgentState; readonly effects: readonly AgentEffect[] },
): AgentTraceStep {
  const { before, after, effects } = change;
  return { event, decision: after.decision, memory: changedFields(before.memory, after.memory), effects };
}

function changedFields(before: Memory, after: Memory): Partial<Memory> {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => old.get(name) !== value));
}
