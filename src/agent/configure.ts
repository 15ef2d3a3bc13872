import { needsNoGuardian } from '../decide/remote-source.ts';
import { deepEqual } from '../domain/deep-equal.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { planWatchdog } from '../domain/watchdog-plan.ts';
import type { AgentEffect } from '../ports/effects.ts';
import { observe } from './observe.ts';
import type { AgentState } from './state.ts';

/** Tell the heartbeat by what timings to renew, and which watchdog the guardian is to use. */
export function configure(state: AgentState): readonly AgentEffect[] {
  const { timings, dynamic, config } = state;
  const { ttl } = timings;
  const { pause: paused } = dynamic;
  const command = {
    kind: 'configure',
    ttl,
    steppedWithin: ttl,
    paused,
    ...(cannotWrite(state) && { cannotWrite: true as const }),
  } as const;
  const plan = planOf(state);
  switch (plan.kind) {
    case 'none':
      return [{ kind: 'heartbeat', id: 0, command }];
    case 'wanted':
      return [{ kind: 'heartbeat', id: 0, command: { ...command, watchdog: plan.settings } }];
    case 'impossible': {
      const { mode, isNamed } = config.watchdog;
      // That the usual one cannot be used is no news where nobody asked for it.
      if (isNamed !== true) return [{ kind: 'heartbeat', id: 0, command }];
      const fields = { state: 'failed', device: config.watchdog.device, reason: plan.because };
      return [
        { kind: 'heartbeat', id: 0, command },
        { kind: 'log', level: mode === 'required' ? 'error' : 'warn', event: 'watchdog', fields },
      ];
    }
  }
}

export function isReconfigured(before: AgentState, after: AgentState): boolean {
  if (before.timings.ttl !== after.timings.ttl || before.dynamic.pause !== after.dynamic.pause) return true;
  if (cannotWrite(before) !== cannotWrite(after)) return true;
  const isSame = before.config.watchdog === after.config.watchdog && before.timings.loopWait === after.timings.loopWait;
  return !isSame && !deepEqual(planOf(before), planOf(after));
}

function cannotWrite(state: AgentState): boolean {
  return isStandbyCluster(state.dynamic) && needsNoGuardian(observe(state), state.memory);
}

function planOf({ config, timings }: AgentState): ReturnType<typeof planWatchdog> {
  return planWatchdog(config.watchdog, timings);
}
