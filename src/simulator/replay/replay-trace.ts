import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import { type AgentStart, type AgentTraceStep, traceStep } from '../../agent/trace.ts';
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
  if (machine === null) return { kind: 'unreadable', line: 1, why: 'not the beginning of a trace of this version' };
  const relived = relive(machine, lines);
  if (relived.kind === 'unreadable') return relived;
  for (const { life, step, event, recorded, now } of relived.steps) {
    const difference = firstDifference(recorded, now);
    if (difference !== null) return { kind: 'differs', machine, life, step, event, ...difference };
  }
  return { kind: 'same', machine, lives: relived.lives, steps: relived.steps.length };
}

/**
 * The same trace as this build would write it: what a deliberate change of the rules does to recorded lives.
 * @returns `null` when it cannot be read.
 */
export function rewrittenTrace(lines: readonly string[]): readonly string[] | null {
  const machine = tracedMachine(lines);
  const relived = machine === null ? null : relive(machine, lines);
  if (relived?.kind !== 'relived') return null;
  const steps = relived.steps.values();
  // Headers stay; each step takes the place of the one that was recorded.
  return lines.flatMap((text) => {
    if (text.startsWith('{"trace"')) return [text];
    const next = text.startsWith('{"step"') ? steps.next().value : undefined;
    return next === undefined ? [] : [next.line];
  });
}

function relive(machine: TracedMachine, lines: readonly string[]): Relived {
  switch (machine) {
    case 'agent':
      return reliveWith<AgentStart, ReturnType<typeof initialAgentState>, AgentTraceStep>(machine, lines, {
        begin: initialAgentState,
        step: (before, { event }) => {
          const { state, effects } = stepAgent(before, event);
          return { state, step: traceStep(event, { before, after: state, effects }) };
        },
        decisionOf: ({ decision }) => [decision],
      });
    case 'heartbeat':
      return reliveWith<HeartbeatStart, ReturnType<typeof initialHeartbeat>, HeartbeatTraceStep>(machine, lines, {
        begin: ({ self }) => initialHeartbeat(self),
        step: (before, { event }) => {
          const { state, effects } = stepHeartbeat(before, event);
          return { state, step: { event, effects } };
        },
        decisionOf: () => [],
      });
    case 'guardian':
      return reliveWith<GuardianStart, ReturnType<typeof initialGuardian>, GuardianTraceStep>(machine, lines, {
        begin: initialGuardian,
        step: (before, { event }) => {
          const { state, effects } = stepGuardian(before, event);
          return { state, step: { event, effects } };
        },
        decisionOf: () => [],
      });
  }
}

/** One line, or none, for a decision, and one for each effect. */
type Did = readonly string[];

type Relived =
  | {
      readonly kind: 'relived';
      readonly lives: number;
      readonly steps: readonly {
        readonly life: number;
        readonly step: number;
        readonly event: string;
        readonly recorded: Did;
        readonly now: Did;
        readonly line: string;
      }[];
    }
  | Extract<Replay, { readonly kind: 'unreadable' }>;

type TracedStep = { readonly event: { readonly kind: string }; readonly effects: readonly unknown[] };

type Machine<Start, State, Step> = {
  readonly begin: (start: Start) => State;
  readonly step: (before: State, recorded: Step) => { readonly state: State; readonly step: Step };
  readonly decisionOf: (step: Step) => readonly unknown[];
};

function reliveWith<Start, State, Step extends TracedStep>(
  machine: TracedMachine,
  lines: readonly string[],
  { begin, step, decisionOf }: Machine<Start, State, Step>,
): Relived {
  const trace = readTrace<Start, State, Step>(machine, lines);
  if (trace.kind === 'unreadable') return trace;
  // As the trace says it: what encoding loses (passwords, absent fields) is no difference.
  const said = (each: Step): Did => [...decisionOf(each), ...each.effects].map(encodeTrace);
  const steps = trace.lives.flatMap(({ from, steps: recorded }, index) => {
    let state = from.kind === 'start' ? begin(from.start) : from.state;
    return recorded.map((line) => {
      const again = step(state, line);
      state = again.state;
      return {
        life: index + 1,
        step: line.step,
        event: line.event.kind,
        recorded: said(line),
        now: said(again.step),
        line: encodeTrace({ step: line.step, ...again.step }),
      };
    });
  });
  return { kind: 'relived', lives: trace.lives.length, steps };
}

function firstDifference(recorded: Did, now: Did): { readonly recorded: string; readonly now: string } | null {
  const count = Math.max(recorded.length, now.length);
  for (let index = 0; index < count; index += 1) {
    const [was, is] = [recorded[index] ?? 'nothing', now[index] ?? 'nothing'];
    if (was !== is) return { recorded: was, now: is };
  }
  return null;
}
