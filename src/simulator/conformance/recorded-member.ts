import type { AgentState } from '../../agent/state.ts';
import type { AgentStart, AgentTraceStep } from '../../agent/trace.ts';
import type { HeartbeatState } from '../../heartbeat/state.ts';
import type { HeartbeatStart, HeartbeatTraceStep } from '../../heartbeat/trace.ts';
import { type ReadTrace, readTrace } from '../replay/read-trace.ts';

/** What one member's agent and heartbeat have recorded: each life's steps, in order. */
export type RecordedMember = {
  readonly name: string;
  readonly agent: readonly (readonly AgentTraceStep[])[];
  readonly heartbeat: readonly (readonly HeartbeatTraceStep[])[];
};

/**
 * @returns `null` when a trace cannot be read or steps were dropped from it: what a member did unseen cannot be told from
 * what the model leaves out.
 */
export function recordedMember(
  name: string,
  lines: { readonly agent: readonly string[]; readonly heartbeat: readonly string[] },
): RecordedMember | null {
  const agent = wholeLives(readTrace<AgentStart, AgentState, AgentTraceStep>('agent', lines.agent));
  const heartbeat = wholeLives(
    readTrace<HeartbeatStart, HeartbeatState, HeartbeatTraceStep>('heartbeat', lines.heartbeat),
  );
  return agent === null || heartbeat === null ? null : { name, agent, heartbeat };
}

/** A file that was full and put aside cuts no life in two. */
function wholeLives<Start, State, Step>(trace: ReadTrace<Start, State, Step>): readonly (readonly Step[])[] | null {
  if (trace.kind === 'unreadable') return null;
  const lives: Step[][] = [];
  for (const { from, steps } of trace.lives) {
    const before = lives.at(-1);
    if (from.kind === 'resumed' && (from.dropped > 0 || before === undefined)) return null;
    if (from.kind === 'resumed' && before !== undefined) before.push(...steps);
    else lives.push([...steps]);
  }
  return lives;
}
