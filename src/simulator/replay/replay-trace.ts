import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import type { AgentStart, AgentTraceStep } from '../../agent/trace.ts';
import { initialGuardian } from '../../guardian/state.ts';
import { stepGuardian } from '../../guardian/step.ts';
import type { GuardianStart, GuardianTraceStep } from '../../guardian/trace.ts';
import { initialHeartbeat } from '../../heartbeat/state.ts';
import { stepHeartbeat } from '../../heartbeat/step.ts';
import type { HeartbeatStart, HeartbeatTraceStep } from '../../heartbeat/trace.ts';
import type { TracedMachine } from '../../ports/trace.ts';
import { encodeTrace } from '../../wire/trace-text.ts';
import { readTrace, tracedMachine } from './read-trace.ts';

export type Replay =
  | { readonly kind: 'same'; readonly machine: TracedMachine; readonly lives: number; readonly steps: number }
  /** This build does otherwise than the one that wrote the trace did. `life` counts from 1. */
  | {
      readonly kind: 'differs';
      readonly machine: TracedMachine;
      readonly life: number;
      readonly step: number;
      readonly event: string;
      readonly recorded: string;
      readonly now: string;
    }
  | { readonly kind: 'unreadable'; readonly line: number; readonly why: string };

/** Run a trace's events through the machine again, and compare each decision and effect with what was recorded. */
export function replayTrace(lines: readonly string[]): Replay {
  const machine = tracedMachine(lines);
  switch (machine) {
    case null:
      return { kind: 'unreadable', line: 1, why: 'not the beginning of a trace of this version' };
    case 'agent':
      return replayed<AgentStart, ReturnType<typeof initialAgentState>, AgentTraceStep>(machine, lines, {
        begin: initialAgentState,
        step: (state, { event }) => {
          const stepped = stepAgent(state, event);
          return { state: stepped.state, did: said(stepped.state.decision, stepped.effects) };
        },
        recorded: ({ decision, effects }) => said(decision, effects),
      });
    case 'heartbeat':
      return replayed<HeartbeatStart, ReturnType<typeof initialHeartbeat>, HeartbeatTraceStep>(machine, lines, {
        begin: ({ self }) => initialHeartbeat(self),
        step: (state, { event }) => {
          const stepped = stepHeartbeat(state, event);
          return { state: stepped.state, did: said(null, stepped.effects) };
        },
        recorded: ({ effects }) => said(null, effects),
      });
    case 'guardian':
      return replayed<GuardianStart, ReturnType<typeof initialGuardian>, GuardianTraceStep>(machine, lines, {
        begin: initialGuardian,
        step: (state, { event }) => {
          const stepped = stepGuardian(state, event);
          return { state: stepped.state, did: said(null, stepped.effects) };
        },
        recorded: ({ effects }) => said(null, effects),
      });
  }
}

/** One line, or none, for a decision, and one for each effect. */
type Did = readonly string[];

type Machine<Start, State, Step> = {
  readonly begin: (start: Start) => State;
  readonly step: (state: State, step: Step) => { readonly state: State; readonly did: Did };
  readonly recorded: (step: Step) => Did;
};

function replayed<Start, State, Step extends { readonly event: { readonly kind: string } }>(
  machine: TracedMachine,
  lines: readonly string[],
  { begin, step, recorded }: Machine<Start, State, Step>,
): Replay {
  const trace = readTrace<Start, State, Step>(machine, lines);
  if (trace.kind === 'unreadable') return trace;
  let steps = 0;
  for (const [index, life] of trace.lives.entries()) {
    let state = life.from.kind === 'start' ? begin(life.from.start) : life.from.state;
    for (const line of life.steps) {
      const stepped = step(state, line);
      state = stepped.state;
      steps += 1;
      const difference = firstDifference(recorded(line), stepped.did);
      if (difference !== null) {
        return { kind: 'differs', machine, life: index + 1, step: line.step, event: line.event.kind, ...difference };
      }
    }
  }
  return { kind: 'same', machine, lives: trace.lives.length, steps };
}

/** As the trace would say it: what encoding loses (passwords, absent fields) is no difference. */
function said(decision: unknown, effects: readonly unknown[]): Did {
  return (decision === null ? effects : [decision, ...effects]).map(encodeTrace);
}

function firstDifference(recorded: Did, now: Did): { readonly recorded: string; readonly now: string } | null {
  const count = Math.max(recorded.length, now.length);
  for (let index = 0; index < count; index += 1) {
    const [was, is] = [recorded[index] ?? 'nothing', now[index] ?? 'nothing'];
    if (was !== is) return { recorded: was, now: is };
  }
  return null;
}
