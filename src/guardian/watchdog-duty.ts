import { deepEqual } from '../domain/deep-equal.ts';
import type { Instant } from '../domain/time.ts';
import { change, type Step } from './draft.ts';
import type { Duty, GuardianState } from './state.ts';
import { feedAt, type Guarded, reportOf, tend, type WatchdogStep } from './watchdog.ts';

/** Open, feed or close the watchdog as the guardian's duty wants it, and tell what has changed of it. */
export function tendWatchdog(step: Step, at: Instant): Step {
  const { watchdog, duty, watchdogTold } = step.state;
  const tended = withWatchdog(step, tend(watchdog, at, guardedBy(duty)));
  const report = reportOf(tended.state.watchdog);
  if (report === null || deepEqual(report, watchdogTold)) return tended;
  return change(tended, { watchdogTold: report }, { kind: 'send', report: { kind: 'watchdog', watchdog: report } });
}

export function withWatchdog(step: Step, { watchdog, action }: WatchdogStep): Step {
  return change(step, { watchdog }, ...(action === null ? [] : [{ kind: 'watchdog', action } as const]));
}

export function feedDueAt({ watchdog, duty }: GuardianState, at: Instant): Instant | null {
  return feedAt(watchdog, at, guardedBy(duty));
}

/** The guardian ends. What can be closed is closed by now; what cannot will reset the machine, and somebody has to know. */
export function leaveWatchdog(step: Step): Step {
  const { device } = step.state.watchdog;
  if (device.kind !== 'open') return step;
  const fields = { timeoutMs: device.timeout };
  return change(
    step,
    {},
    { kind: 'watchdog', action: { kind: 'feed' } },
    { kind: 'log', level: 'error', event: 'watchdog-will-reset-the-machine', fields },
  );
}

/** While it kills nothing is fed: a process that does not die in time is what the watchdog is for. */
function guardedBy(duty: Duty): Guarded {
  switch (duty.kind) {
    case 'none':
      return { kind: 'nothing' };
    case 'watching':
    case 'stopping':
      return { kind: 'until', deadline: duty.deadline };
    case 'killing':
      return { kind: 'fencing' };
  }
}
