import type { Instant } from '../domain/time.ts';
import type { WatchdogReport } from '../domain/watchdog.ts';
import { become, change, type Step } from './draft.ts';
import type { Duty, GuardianState } from './state.ts';
import { feedAt, type Guarded, reportOf, tend, type WatchdogStep } from './watchdog.ts';

/** Open, feed or close the watchdog as the guardian's duty wants it, and tell what has changed of it. */
export function tendWatchdog(step: Step, at: Instant): Step {
  const { watchdog, duty, watchdogTold } = step.state;
  const tended = withWatchdog(step, tend(watchdog, at, guardedBy(duty)));
  const report = reportOf(tended.state.watchdog);
  if (report === null || isSame(report, watchdogTold)) return tended;
  return change(tended, { watchdogTold: report }, { kind: 'send', report: { kind: 'watchdog', watchdog: report } });
}

/** By hand: every module more is memory, in the one process that has to stay small. */
function isSame(a: WatchdogReport, b: WatchdogReport): boolean {
  if (a.kind === 'active' && b.kind === 'active') return a.timeout === b.timeout;
  if (a.kind === 'failed' && b.kind === 'failed') return a.reason === b.reason;
  return a.kind === b.kind;
}

export function withWatchdog(step: Step, { watchdog, action }: WatchdogStep): Step {
  const tended = watchdog === step.state.watchdog ? step : become(step, { ...step.state, watchdog });
  return action === null ? tended : become(tended, tended.state, { kind: 'watchdog', action });
}

export function feedDueAt({ watchdog, duty }: GuardianState, at: Instant): Instant | null {
  return feedAt(watchdog, at, guardedBy(duty));
}

/** A device that closing does not stop: whoever ends this process resets the machine, so it does not end by itself. */
export function holdsWatchdog({ watchdog }: GuardianState): boolean {
  return watchdog.device.kind === 'open' && !watchdog.device.canClose;
}

/** Asked to end while it cannot: that somebody has to know. */
export function retireWithWatchdog(step: Step): Step {
  if (!holdsWatchdog(step.state) || step.state.retiring) return step;
  const fields = {
    pid: step.state.pid,
    because: 'closing it does not stop it: once this process ends it resets the machine',
  };
  return change(step, {}, { kind: 'log', level: 'error', event: 'watchdog-keeps-the-guardian', fields });
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
