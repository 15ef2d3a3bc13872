import { snapshotOf } from '../../agent/snapshot.ts';
import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import { type AgentTraceStep, traceStep } from '../../agent/trace.ts';
import type { HeartbeatTraceStep } from '../../heartbeat/trace.ts';
import type { Machines } from '../node/machines.ts';
import { productionMachines } from '../node/production-machines.ts';
import type { RecordedMember } from './recorded-member.ts';

/** The production machines, and what each member's have done so far, as traces of real ones would tell it. */
export function recordingMachines(): {
  readonly machines: Machines;
  readonly recorded: () => readonly RecordedMember[];
} {
  const members = new Map<string, { name: string; agent: AgentTraceStep[][]; heartbeat: HeartbeatTraceStep[][] }>();
  const memberOf = (name: string): { name: string; agent: AgentTraceStep[][]; heartbeat: HeartbeatTraceStep[][] } => {
    const member = members.get(name) ?? { name, agent: [], heartbeat: [] };
    members.set(name, member);
    return member;
  };
  const machines: Machines = {
    ...productionMachines,
    agent: (start) => {
      const steps: AgentTraceStep[] = [];
      memberOf(start.config.name).agent.push(steps);
      let state = initialAgentState(start);
      return {
        step: (event) => {
          const stepped = stepAgent(state, event);
          steps.push(traceStep(event, { before: state, after: stepped.state, effects: stepped.effects }));
          state = stepped.state;
          return stepped.effects;
        },
        snapshot: () => snapshotOf(state),
      };
    },
    heartbeat: (start) => {
      const steps: HeartbeatTraceStep[] = [];
      memberOf(start.self).heartbeat.push(steps);
      const { step, leaseFact } = productionMachines.heartbeat(start);
      return {
        step: (event) => {
          const effects = step(event);
          steps.push({ event, effects });
          return effects;
        },
        leaseFact,
      };
    },
  };
  return { machines, recorded: () => [...members.values()] };
}
