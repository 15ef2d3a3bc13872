import type { Instant, Millis } from '../domain/time.ts';
import { later, millis } from '../domain/time.ts';
import type { WatchdogReport, WatchdogSettings } from '../domain/watchdog.ts';
import { givenUpAt, mayFeed, nextFeed } from '../domain/watchdog-feeding.ts';
import type { WatchdogAction, WatchdogAnswer } from '../ports/watchdog.ts';
import { LATE_ARMS_MAX, WATCHDOG_AGAIN_AFTER } from './timing.ts';

/** What the guardian knows of the kernel's watchdog. */
export type Watchdog = {
  /** `null`: none is wanted. */
  readonly settings: WatchdogSettings | null;
  readonly device: Device;
  /** What keeps it from being used, closed, or open where closing does not stop it; not tried again before. */
  readonly failure: { readonly reason: string; readonly until: Instant } | null;
  /** How often in a row the guardian was armed too late to open it. */
  readonly lateArms: number;
  /** Armed anew since it was last fed. */
  readonly isFeedDue: boolean;
  /** The deadline in force is one that was proven. */
  readonly mayOpen: boolean;
  /** Nothing is left to guard, and that is known: it was disarmed, or has fenced. */
  readonly isSettled: boolean;
};

type Device =
  /** `problem`: why it could not be opened, as it was last probed; `isCounting`: an earlier guardian left it so. */
  | {
      readonly kind: 'closed';
      readonly isProbed: boolean;
      readonly problem: string | null;
      readonly isCounting: boolean;
    }
  | { readonly kind: 'opening'; readonly asked: Millis }
  | {
      readonly kind: 'open';
      /** What was asked for, and what the device made of it. */
      readonly asked: Millis;
      readonly timeout: Millis;
      readonly canClose: boolean;
      readonly fedAt: Instant;
      /** Why it is of no use: it cannot be closed, and is kept from firing whatever happens. */
      readonly refusal: string | null;
    };

/** `until`: it has to fire at that deadline. `fencing`: and whenever it does. `nothing`: nothing is guarded. */
export type Guarded =
  | { readonly kind: 'until'; readonly deadline: Instant }
  | { readonly kind: 'fencing' }
  | { readonly kind: 'nothing' };

export type WatchdogStep = { readonly watchdog: Watchdog; readonly action: WatchdogAction | null };

const closed = { kind: 'closed', isProbed: true, problem: null, isCounting: false } as const;
const unknown = { ...closed, isProbed: false } as const;

export const noWatchdog: Watchdog = {
  settings: null,
  device: unknown,
  failure: null,
  lateArms: 0,
  isFeedDue: false,
  mayOpen: false,
  isSettled: false,
};

/** Other settings; what went wrong with the old ones says nothing of them. */
export function configured(watchdog: Watchdog, settings: WatchdogSettings | null): WatchdogStep {
  const { device } = watchdog;
  const isElsewhere = watchdog.settings?.device !== settings?.device || watchdog.settings?.driver !== settings?.driver;
  const next = { ...watchdog, settings, failure: null, lateArms: 0 };
  if (device.kind === 'open' && isElsewhere && device.canClose) {
    return { watchdog: { ...next, device: unknown }, action: { kind: 'close' } };
  }
  const isOnlyKept = watchdog.settings === null || watchdog.failure !== null;
  if (device.kind === 'open' && isOnlyKept && settings !== null) {
    return { watchdog: { ...next, device: { ...device, asked: UNSET, refusal: NOT_SET_YET } }, action: null };
  }
  return device.kind === 'closed' ? probe({ ...next, device: unknown }) : { watchdog: next, action: null };
}

/** Whether it may be opened is told anew now and then while it is closed. */
export function probe(watchdog: Watchdog): WatchdogStep {
  const { settings, device } = watchdog;
  const isDue = settings !== null && device.kind === 'closed';
  return { watchdog, action: isDue ? { kind: 'probe', place: placeOf(settings) } : null };
}

/**
 * The guardian was armed, and `isLater` than it was before. Only a deadline that is proven lets it open the device: for a
 * lock that is being sought, beside a PostgreSQL that runs on from an earlier guardian's time, it would be too late.
 */
export function armedAnew(
  watchdog: Watchdog,
  at: Instant,
  {
    deadline,
    isLater,
    isProven,
  }: { readonly deadline: Instant; readonly isLater: boolean; readonly isProven: boolean },
): Watchdog {
  const { settings, device, lateArms } = watchdog;
  const mayOpen = isProven || (watchdog.mayOpen && !isLater);
  const armed = { ...watchdog, isFeedDue: true, isSettled: false, mayOpen };
  if (settings === null || device.kind !== 'closed' || !isProven) return armed;
  if (mayFeed(at, { timeout: settings.longest, deadline })) return { ...armed, lateArms: 0 };
  if (!isLater || watchdog.failure !== null) return armed;
  if (lateArms + 1 < LATE_ARMS_MAX) return { ...armed, lateArms: lateArms + 1 };
  return failed({ ...armed, lateArms: 0 }, at, TOO_SLOW);
}

/** An earlier guardian left it so, for a deadline that this one does not know. */
export function isLeftCounting({ settings, device }: Watchdog): boolean {
  return settings !== null && device.kind === 'closed' && device.isCounting;
}

export function answered(watchdog: Watchdog, at: Instant, answer: WatchdogAnswer): WatchdogStep {
  const { device } = watchdog;
  switch (answer.kind) {
    case 'probed': {
      const { problem, isCounting } = answer;
      const known = device.kind === 'closed' ? ({ ...closed, problem, isCounting } as const) : device;
      return { watchdog: { ...watchdog, device: known }, action: null };
    }
    case 'failed':
      return { watchdog: failed({ ...watchdog, device: closed }, at, answer.reason), action: null };
    case 'open':
      return opened(watchdog, at, answer);
  }
}

function opened(watchdog: Watchdog, at: Instant, answer: Extract<WatchdogAnswer, { kind: 'open' }>): WatchdogStep {
  const { settings, device } = watchdog;
  const { timeout, canClose } = answer;
  const asked = device.kind === 'closed' ? timeout : device.asked;
  const refusal = settings === null ? null : whyRefused(settings, timeout);
  const open = { kind: 'open', asked, timeout, canClose, fedAt: at, refusal } as const;
  const next = { ...watchdog, device: open, lateArms: 0, isFeedDue: false };
  if (refusal === null || !canClose) return { watchdog: next, action: null };
  // Left open it would count as usable, and nobody would feed it.
  return {
    watchdog: failed({ ...watchdog, device: closed }, at, refusal),
    action: { kind: 'close' },
  };
}

function whyRefused({ timeout, shortest, longest }: WatchdogSettings, actual: Millis): string | null {
  const words = `asked for ${seconds(timeout)}, the device has ${seconds(actual)}`;
  if (actual > longest) return `${words}: it would fire too late`;
  return actual < shortest ? `${words}: it cannot be fed regularly` : null;
}

function failed(watchdog: Watchdog, at: Instant, reason: string): Watchdog {
  return { ...watchdog, failure: { reason, until: later(at, WATCHDOG_AGAIN_AFTER) } };
}

/** What is due now: to open, feed or close it. */
export function tend(watchdog: Watchdog, at: Instant, guarded: Guarded): WatchdogStep {
  const { settings, device, failure } = watchdog;
  if (failure !== null && at >= failure.until && countsAgain(device, at, guarded)) {
    return tend({ ...watchdog, failure: null, isFeedDue: true }, at, guarded);
  }
  switch (device.kind) {
    case 'opening':
      return { watchdog, action: null };
    case 'open':
      return tendOpen(watchdog, device, at, guarded);
    case 'closed': {
      if (settings === null || failure !== null) return { watchdog, action: null };
      // What the device makes of the time-out is known only when it counts already.
      const isProven = guarded.kind === 'until' && watchdog.mayOpen;
      const isFree = isProven && mayFeed(at, { ...guarded, timeout: settings.longest });
      // Left counting by an earlier guardian, it would fire although nothing is left to guard: opened, it can be closed.
      const isLeft = guarded.kind === 'nothing' && watchdog.isSettled && isLeftCounting(watchdog);
      if (!isFree && !isLeft) return { watchdog, action: null };
      const { timeout } = settings;
      const opening = { ...watchdog, device: { kind: 'opening', asked: timeout } as const };
      return { watchdog: opening, action: { kind: 'open', place: placeOf(settings), timeout } };
    }
  }
}

/** One that was only kept from firing is of use again from when it can be fed for the deadline in force. */
function countsAgain(device: Device, at: Instant, guarded: Guarded): boolean {
  if (device.kind !== 'open' || guarded.kind === 'nothing') return true;
  return guarded.kind === 'until' && mayFeed(at, { timeout: device.timeout, deadline: guarded.deadline });
}

function tendOpen(
  watchdog: Watchdog,
  device: Extract<Device, { kind: 'open' }>,
  at: Instant,
  guarded: Guarded,
): WatchdogStep {
  const { settings } = watchdog;
  const isIdle = guarded.kind === 'nothing';
  if ((isIdle || settings === null) && device.canClose) {
    return { watchdog: { ...watchdog, device: closed }, action: { kind: 'close' } };
  }
  if (guarded.kind === 'fencing') return { watchdog, action: null };
  const deadline = deadlineFor(watchdog, guarded);
  const mayFeedFor = (timeout: Millis): boolean => deadline === null || mayFeed(at, { timeout, deadline });
  const mayBeSet =
    guarded.kind !== 'until' || (settings !== null && mayFeed(at, { ...guarded, timeout: settings.longest }));
  if (settings !== null && settings.timeout !== device.asked && mayBeSet) {
    const { timeout } = settings;
    const setting = { ...watchdog, device: { ...device, asked: timeout, fedAt: at } };
    return { watchdog: setting, action: { kind: 'set-timeout', timeout } };
  }
  if (deadline !== null && isStarved(device, at, deadline)) {
    const { canClose } = device;
    const left = canClose ? closed : { ...device, fedAt: at };
    return {
      watchdog: failed({ ...watchdog, device: left }, at, TOO_SLOW),
      action: { kind: canClose ? 'close' : 'feed' },
    };
  }
  const due = nextFeed({ at: device.fedAt, timeout: device.timeout, deadline });
  const isDue = watchdog.isFeedDue || (due !== null && at >= due);
  if (!isDue || !mayFeedFor(device.timeout)) return { watchdog, action: null };
  return { watchdog: { ...watchdog, isFeedDue: false, device: { ...device, fedAt: at } }, action: { kind: 'feed' } };
}

/** By when an open one has to fire; `null`: never, since it is of no use, or not wanted any more, and cannot be closed. */
function deadlineFor({ settings, device, failure }: Watchdog, guarded: Guarded): Instant | null {
  const isOfUse = settings !== null && device.kind === 'open' && device.refusal === null && failure === null;
  return isOfUse && guarded.kind === 'until' ? guarded.deadline : null;
}

/** It can be fed no more, and would fire although the guardian has no reason to fence. */
function isStarved(device: Extract<Device, { kind: 'open' }>, at: Instant, deadline: Instant): boolean {
  const { fedAt, timeout } = device;
  const until = givenUpAt({ at: fedAt, timeout, deadline });
  return until !== null && at >= until && !mayFeed(at, { timeout, deadline });
}

/** When it has to be fed next; after `tend` at the same instant. */
export function feedAt(watchdog: Watchdog, at: Instant, guarded: Guarded): Instant | null {
  const { device } = watchdog;
  if (device.kind !== 'open' || guarded.kind === 'fencing') return null;
  const deadline = deadlineFor(watchdog, guarded);
  const due = nextFeed({ at: device.fedAt, timeout: device.timeout, deadline });
  // What is due already could not be done: it is too late for this deadline.
  if (due !== null && due > at) return due;
  const until = deadline === null ? null : givenUpAt({ at: device.fedAt, timeout: device.timeout, deadline });
  return until !== null && until > at ? until : null;
}

/** What is told of it; `null`: not known yet. */
export function reportOf({ settings, device, failure }: Watchdog): WatchdogReport | null {
  if (settings === null) return { kind: 'off' };
  if (device.kind === 'open') {
    const reason = device.refusal ?? failure?.reason ?? null;
    return reason === null ? { kind: 'active', timeout: device.timeout } : { kind: 'failed', reason };
  }
  if (failure !== null) return { kind: 'failed', reason: failure.reason };
  if (device.kind === 'opening') return { kind: 'usable' };
  if (!device.isProbed) return null;
  return device.problem === null ? { kind: 'usable' } : { kind: 'failed', reason: device.problem };
}

/** One that was only kept from firing is of use when it has been set for a deadline, which takes until it can be. */
const NOT_SET_YET = 'it was kept from firing, and is not set anew yet';
const UNSET = millis(0);

const TOO_SLOW = 'renewals take longer than its safety margin';

function placeOf({ device, driver }: WatchdogSettings): {
  readonly device: string;
  readonly driver: 'linux' | 'testing';
} {
  return { device, driver };
}

function seconds(span: Millis): string {
  return `${String(span / 1_000)} s`;
}
