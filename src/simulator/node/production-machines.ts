import { snapshotOf } from '../../agent/snapshot.ts';
import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import { initialGuardian } from '../../guardian/state.ts';
import { stepGuardian } from '../../guardian/step.ts';
import { initialHeartbeat } from '../../heartbeat/state.ts';
import { stepHeartbeat } from '../../heartbeat/step.ts';
import type { Machines, Stepper } from './machines.ts';

/** The machines that the daemon runs, unchanged. */
export const productionMachines: Machines = {
  agent: (start) => {
    let state = initialAgentState(start);
    const step = (event: Parameters<typeof stepAgent>[1]): ReturnType<typeof stepAgent>['effects'] => {
      const stepped = stepAgent(state, event);
      state = stepped.state;
      return stepped.effects;
    };
    return { step, snapshot: () => snapshotOf(state) };
  },
  heartbeat: ({ self }) => stepper(stepHeartbeat, initialHeartbeat(self)),
  guardian: (start) => stepper(stepGuardian, initialGuardian(start)),
};

function stepper<State, Event, Effect>(
  step: (state: State, event: Event) => { readonly state: State; readonly effects: readonly Effect[] },
  initial: State,
): Stepper<Event, Effect> {
  let state = initial;
  return (event) => {
    const stepped = step(state, event);
    state = stepped.state;
    return stepped.effects;
  };
}
