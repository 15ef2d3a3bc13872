import { deepEqual } from '../domain/deep-equal.ts';
import type { Instant } from '../domain/time.ts';
import type { WatchdogReport } from '../domain/watchdog.ts';
import type { Draft } from './draft.ts';
import type { HeartbeatState, Settings } from './state.ts';
import { setGuardian, tell } from './tell-guardian.ts';

/** The agent has said which watchdog it wants. What an earlier agent wanted stays as it is until then. */
export function watchdogConfigured(draft: Draft, at: Instant, before: Settings | null): Draft {
  const { settings, guardian } = draft.state;
  const isFirstWord = before === null && (guardian.watchdog?.kind ?? 'off') !== 'off';
  const isSame = deepEqual(before?.watchdog ?? null, settings?.watchdog ?? null);
  return isSame && !isFirstWord ? draft : tellWatchdog(draft, at);
}

/** Tell the guardian, if one is there, which watchdog it is to use. */
function tellWatchdog(draft: Draft, at: Instant): Draft {
  const { guardian } = draft.state;
  if (!guardian.knowsWatchdogs) return draft;
  const settings = draft.state.settings?.watchdog ?? null;
  // What was said of another device, or of none, says nothing of this one.
  const known = guardian.watchdog;
  const still = settings === null || known?.kind === 'off' ? null : known;
  const forgotten = setGuardian(draft, { ...guardian, watchdog: still });
  return tell(forgotten, at, (number) => ({ kind: 'watchdog', settings, number }));
}

/**
 * A guardian said hello. One that an earlier agent started may use a watchdog already, or be of a version that knows of
 * none: then nothing opens it, and the agent has to know.
 */
export function greetWatchdog(draft: Draft, at: Instant, said: WatchdogReport | undefined): Draft {
  const { guardian } = draft.state;
  if (said === undefined) return setGuardian(draft, { ...guardian, knowsWatchdogs: false, watchdog: ofOlderVersion });
  const greeted = setGuardian(draft, { ...guardian, knowsWatchdogs: true, watchdog: said });
  const isUnsaid = draft.state.settings === null || (!wantsWatchdog(draft.state) && said.kind === 'off');
  return isUnsaid ? greeted : tellWatchdog(greeted, at);
}

const ofOlderVersion: WatchdogReport = { kind: 'failed', reason: 'the guardian that runs is of an older version' };

export function hearWatchdog(draft: Draft, watchdog: WatchdogReport): Draft {
  const isStale = wantsWatchdog(draft.state) && watchdog.kind === 'off';
  return setGuardian(draft, { ...draft.state.guardian, watchdog: isStale ? null : watchdog });
}

/**
 * What a promotion asks: paused, none is open. A guardian that was frozen together with this process has perhaps closed
 * it on waking. It answers in order: what it says of that comes before its answer to the message that left late.
 */
export function isWatchdogOpen({ settings, guardian }: HeartbeatState): boolean {
  if (settings?.watchdog?.isRequired !== true || settings.paused) return true;
  const { link } = guardian;
  if (link.kind === 'connected' && link.unanswered.some(({ isLate }) => isLate)) return false;
  return guardian.watchdog?.kind === 'active';
}

/** For the agent; `null` where none is wanted, or nothing is known yet. */
export function watchdogReported(state: HeartbeatState): WatchdogReport | null {
  return wantsWatchdog(state) ? state.guardian.watchdog : null;
}

export function wantsWatchdog({ settings }: HeartbeatState): boolean {
  return settings?.watchdog !== undefined;
}
