import type { AgentState } from './state.ts';
import { stepAgent } from './step.ts';
import { decodeTrace, TRACE_VERSION, type TraceLine } from './trace.ts';

export type Replay =
  | { readonly kind: 'same'; readonly steps: number }
  /** This build decides otherwise than the one that wrote the trace did. */
  | { readonly kind: 'differs'; readonly step: number; readonly recorded: string; readonly now: string }
  | { readonly kind: 'unreadable'; readonly line: number; readonly why: string };

/** Run a trace's events through the agent machine again, and compare each decision with the one recorded. */
export function replayTrace(lines: readonly string[]): Replay {
  let state: AgentState | null = null;
  let steps = 0;
  for (const [index, text] of lines.entries()) {
    const line = readLine(text);
    if (line === null) return { kind: 'unreadable', line: index + 1, why: 'no line of a trace of this version' };
    if ('trace' in line) {
      state = line.initial;
      continue;
    }
    if (state === null)
      return { kind: 'unreadable', line: index + 1, why: 'the trace does not begin with its initial state' };
    state = stepAgent(state, line.event).state;
    steps += 1;
    const [recorded, now] = [line.decision.rule, state.decision.rule];
    if (recorded !== now) return { kind: 'differs', step: line.step, recorded, now };
  }
  return { kind: 'same', steps };
}

function readLine(text: string): TraceLine | null {
  try {
    const line = decodeTrace(text);
    return isTraceLine(line) ? line : null;
  } catch {
    return null;
  }
}

/** The inner shape is trusted: `encodeTrace` wrote it, and the version says which. */
function isTraceLine(line: unknown): line is TraceLine {
  if (typeof line !== 'object' || line === null) return false;
  return 'trace' in line ? line.trace === TRACE_VERSION : 'step' in line && 'event' in line && 'decision' in line;
}
