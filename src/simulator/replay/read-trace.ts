import { TRACE_VERSION, type TracedMachine, type TraceLine } from '../../ports/trace.ts';
import { decodeTrace } from '../../wire/trace-text.ts';

/** One life of a machine as its trace tells it: from its start, or from the state at which the trace goes on. */
export type TracedLife<Start, State, Step> = {
  /** `dropped`: steps that were not written, right before. */
  readonly from:
    | { readonly kind: 'start'; readonly start: Start }
    | { readonly kind: 'resumed'; readonly state: State; readonly dropped: number };
  readonly steps: readonly (Step & { readonly step: number })[];
};

export type ReadTrace<Start, State, Step> =
  | { readonly kind: 'read'; readonly lives: readonly TracedLife<Start, State, Step>[] }
  | { readonly kind: 'unreadable'; readonly line: number; readonly why: string };

/**
 * Cut the lines of one machine's trace into lives. A line that was cut off by a kill is passed over where nothing but
 * a new life, or nothing at all, follows it.
 */
export function readTrace<Start, State, Step>(
  machine: TracedMachine,
  lines: readonly string[],
): ReadTrace<Start, State, Step> {
  const lives: { from: TracedLife<Start, State, Step>['from']; steps: (Step & { readonly step: number })[] }[] = [];
  let torn: number | null = null;
  for (const [index, text] of lines.entries()) {
    if (text === '') continue;
    const line = lineIn<Start, State, Step>(text);
    if (line === null) {
      if (torn !== null) return unreadable(torn);
      torn = index;
      continue;
    }
    if ('trace' in line) {
      if (line.machine !== machine) return { kind: 'unreadable', line: index + 1, why: `of a ${line.machine}` };
      lives.push({ from: beginningOf(line), steps: [] });
      torn = null;
      continue;
    }
    if (torn !== null) return unreadable(torn);
    const life = lives.at(-1);
    if (life === undefined)
      return { kind: 'unreadable', line: index + 1, why: 'the trace does not begin with a start' };
    life.steps.push(line);
  }
  return { kind: 'read', lives };
}

/** Which machine's trace this is; `null`: it does not begin as one of this version does. */
export function tracedMachine(lines: readonly string[]): TracedMachine | null {
  const first = lineIn(lines.find((text) => text !== '') ?? '');
  return first !== null && 'trace' in first ? first.machine : null;
}

type Header<Start, State, Step> = Exclude<TraceLine<Start, State, Step>, { readonly step: number }>;

function beginningOf<Start, State, Step>(header: Header<Start, State, Step>): TracedLife<Start, State, Step>['from'] {
  return 'start' in header
    ? { kind: 'start', start: header.start }
    : { kind: 'resumed', state: header.resumed, dropped: header.dropped };
}

function unreadable(index: number): { readonly kind: 'unreadable'; readonly line: number; readonly why: string } {
  return { kind: 'unreadable', line: index + 1, why: 'no line of a trace of this version' };
}

function lineIn<Start, State, Step>(text: string): TraceLine<Start, State, Step> | null {
  try {
    const line = decodeTrace(text);
    return isTraceLine<Start, State, Step>(line) ? line : null;
  } catch {
    return null;
  }
}

/** The inner shape is trusted: `encodeTrace` wrote it, and the version says which. */
function isTraceLine<Start, State, Step>(line: unknown): line is TraceLine<Start, State, Step> {
  if (typeof line !== 'object' || line === null) return false;
  return 'trace' in line ? line.trace === TRACE_VERSION : 'step' in line && 'event' in line && 'effects' in line;
}
