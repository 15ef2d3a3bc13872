import { existsSync, readFileSync } from 'node:fs';
import type { TracedMachine } from '../../src/ports/trace.ts';
import { postgresContradictions, storeContradictions } from '../../src/simulator/conformance/contradictions.ts';
import { recordedMember } from '../../src/simulator/conformance/recorded-member.ts';
import { replayTrace } from '../../src/simulator/replay/replay-trace.ts';
import type { Cluster } from './cluster.ts';

/** What one machine of one member has left, oldest line first. */
export interface MemberTrace {
  readonly member: string;
  readonly machine: TracedMachine;
  readonly lines: readonly string[];
}

/** All traces of a cluster; none of an agent that leaves none. */
export function tracesOf(cluster: Cluster): readonly MemberTrace[] {
  return cluster.names.flatMap((member) => {
    const path = cluster.traceOf(member);
    if (path === null) return [];
    return machines.flatMap(({ machine, suffix }) => {
      const lines = linesOf(`${path}${suffix}`);
      return lines.length === 0 ? [] : [{ member, machine, lines }];
    });
  });
}

/** @returns one line for each trace that this build does not live again exactly as it was recorded. */
export function differencesIn(traces: readonly MemberTrace[]): readonly string[] {
  return traces.flatMap(({ member, machine, lines }) => {
    const replay = replayTrace(lines);
    return replay.kind === 'same' ? [] : [`${member}, ${machine}: ${JSON.stringify(replay, null, 1)}`];
  });
}

/**
 * @returns where the real servers did what the simulator's models of them never do. All members of a cluster on hosts of
 * one machine go by one clock.
 */
export function contradictionsIn(traces: readonly MemberTrace[]): readonly string[] {
  const names = [...new Set(traces.map(({ member }) => member))];
  const members = names.flatMap((name) => {
    const of = (machine: TracedMachine): readonly string[] =>
      traces.find((each) => each.member === name && each.machine === machine)?.lines ?? [];
    const member = recordedMember(name, { agent: of('agent'), heartbeat: of('heartbeat') });
    return member === null ? [] : [member];
  });
  if (members.length < names.length) return ['steps are missing from a trace: nothing can be told from the others'];
  return [...storeContradictions(members, { kind: 'one', allowance }), ...postgresContradictions(members)];
}

/** The store's members are set to it; the rest is for a machine that is busy with other tests. */
const allowance = { electionTimeoutMs: 1000, noticeMs: 3000 };

const machines: readonly { readonly machine: TracedMachine; readonly suffix: string }[] = [
  { machine: 'agent', suffix: '' },
  { machine: 'heartbeat', suffix: '.heartbeat' },
  { machine: 'guardian', suffix: '.guardian' },
];

/** The file that was put aside when it was full comes first. */
function linesOf(path: string): readonly string[] {
  return [`${path}.1`, path]
    .filter((each) => existsSync(each))
    .flatMap((each) => readFileSync(each, 'utf8').split('\n'));
}
