import { snapshotOf } from '../../agent/snapshot.ts';
import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import { initialGuardian } from '../../guardian/state.ts';
import { stepGuardian } from '../../guardian/step.ts';
import { leaseFact } from '../../heartbeat/publish.ts';
import { initialHeartbeat } from '../../heartbeat/state.ts';
import { stepHeartbeat } from '../../heartbeat/step.ts';
import type { Machines } from './machines.ts';

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
  heartbeat: ({ self }) => {
    let state = initialHeartbeat(self);
    const step = (event: Parameters<typeof stepHeartbeat>[1]): ReturnType<typeof stepHeartbeat>['effects'] => {
      const stepped = stepHeartbeat(state, event);
      state = stepped.state;
      return stepped.effects;
    };
    return { step, leaseFact: (at) => leaseFact(state, at) };
  },
  guardian: (start) => {
    let state = initialGuardian(start);
    return (event) => {
      const stepped = stepGuardian(state, event);
      state = stepped.state;
      return stepped.effects;
    };
  },
};
