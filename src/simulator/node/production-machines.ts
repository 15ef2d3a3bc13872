import { snapshotOf } from '../../agent/snapshot.ts';
import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import { initialGuardian } from '../../guardian/state.ts';
import { stepGuardian } from '../../guardian/step.ts';
import { leaseFact } from '../../heartbeat/publish.ts';
import { initialHeartbeat } from '../../heartbeat/state.ts';
import { stepHeartbeat } from '../../heartbeat/step.ts';
import type { Machines, Stepper } from './machines.ts';

/** The machines that the daemon runs, unchanged. */
export const productionMachines: Machines = {
  agent: (start) => {
    const { step, state } = stepping(stepAgent, initialAgentState(start));
    return { step, snapshot: () => snapshotOf(state()) };
  },
  heartbeat: ({ self }) => {
    const { step, state } = stepping(stepHeartbeat, initialHeartbeat(self));
    return { step, leaseFact: (at) => leaseFact(state(), at) };
  },
  guardian: (start) => stepping(stepGuardian, initialGuardian(start)).step,
};

function stepping<State, Event, Effect>(
  machine: (state: State, event: Event) => { readonly state: State; readonly effects: readonly Effect[] },
  initial: State,
): { readonly step: Stepper<Event, Effect>; readonly state: () => State } {
  let state = initial;
  const step: Stepper<Event, Effect> = (event) => {
    const stepped = machine(state, event);
    state = stepped.state;
    return stepped.effects;
  };
  return { step, state: () => state };
}
