import { deepEqual } from '../domain/deep-equal.ts';
import type { LeaseReport, LockReport } from '../domain/lease.ts';
import type { Instant } from '../domain/time.ts';
import { between, earliest, later } from '../domain/time.ts';
import type { Draft } from './draft.ts';
import { become } from './draft.ts';
import { guardianReady, guardianReported } from './guardian-link.ts';
import { mayRenew } from './may-renew.ts';
import { pace } from './pace.ts';
import type { HeartbeatState, Lease, LockState } from './state.ts';
import { GUARDIAN_ANSWER_LIMIT, guardianGrace } from './timing.ts';
import { isWatchdogOpen, watchdogReported } from './watchdog.ts';

/** Tell the agent what changed, and ask to be woken when something is due next. */
export function publish(draft: Draft, at: Instant): Draft {
  const { reported } = draft.state;
  const told = reported === null || matters(reported, draft.state, at) ? report(draft, at) : draft;
  const timerAt = nextDue(told.state, at);
  if (timerAt === told.state.timerAt) return told;
  const timed = become(told, { ...told.state, timerAt });
  return timerAt === null ? timed : become(timed, timed.state, { kind: 'set-timer', at: timerAt });
}

/**
 * What a promotion asks at its very moment, stricter than the report: until when the lock is proven, and the guardian has
 * confirmed that it will fence; it may have frozen since, with an older deadline. A watchdog that is required is open.
 */
export function leaseFact(
  state: HeartbeatState,
  at: Instant,
): { readonly deadline: Instant | null; readonly guardianReady: boolean } {
  const { lock, guardian, settings } = state;
  const isHeld = lock.kind === 'held' && at < lock.deadline;
  const guardedUntil = settings?.paused === true ? null : guardian.armedUntil;
  return {
    deadline: isHeld ? earliest(lock.deadline, guardedUntil ?? lock.deadline) : null,
    guardianReady: settings?.cannotWrite !== true && guardianReady(state, at) && isWatchdogOpen(state),
  };
}

function report(draft: Draft, at: Instant): Draft {
  const reported = leaseReport(draft.state, at);
  return become(draft, { ...draft.state, reported }, { kind: 'report', report: reported });
}

function leaseReport(state: HeartbeatState, at: Instant): LeaseReport {
  const { lease, lock, store } = state;
  const watchdog = watchdogReported(state);
  return {
    at,
    lease: lease === null ? null : { id: lease.id, grantedTtl: lease.grantedTtl, aliveUntil: lease.aliveUntil },
    lock: lockReport(lock),
    guardian: guardianTold(state, at),
    ...(watchdog === null ? {} : { watchdog }),
    storeAnsweredAt: store.answeredAt,
    storeTrouble: store.trouble,
  };
}

/** Nothing may be promoted under one that rests. */
function guardianTold(state: HeartbeatState, at: Instant): LeaseReport['guardian'] {
  return state.settings?.cannotWrite === true ? 'absent' : guardianReported(state, at);
}

function lockReport(lock: LockState): LockReport {
  switch (lock.kind) {
    case 'none':
      return { kind: 'not-held' };
    case 'held': {
      const held = { kind: 'held', createRevision: lock.createRevision, deadline: lock.deadline } as const;
      return isPromised(lock) ? { ...held, isPromised: true } : held;
    }
    case 'doubtful': {
      const doubtful = { kind: 'doubtful', deadline: lock.deadline, why: lock.why } as const;
      return isPromised(lock) ? { ...doubtful, isPromised: true } : doubtful;
    }
  }
}

function isPromised({ promisedUntil, deadline }: Exclude<LockState, { readonly kind: 'none' }>): boolean {
  return promisedUntil !== null && promisedUntil >= deadline;
}

/** Each new deadline matters. That a lease without a lock lives on is told before the last word of it is half old. */
function matters(before: LeaseReport, state: HeartbeatState, at: Instant): boolean {
  const { lock, lease, store } = state;
  if ((before.storeTrouble === null) !== (store.trouble === null)) return true;
  if (lockDiffers(before.lock, lock) || leaseDiffers(before.lease, lease)) return true;
  return before.guardian !== guardianTold(state, at) || !deepEqual(before.watchdog ?? null, watchdogReported(state));
}

function lockDiffers(before: LockReport, now: LockState): boolean {
  switch (now.kind) {
    case 'none':
      return before.kind !== 'not-held';
    case 'held':
      if (before.kind !== 'held') return true;
      return before.deadline !== now.deadline || before.createRevision !== now.createRevision;
    case 'doubtful':
      if (before.kind !== 'doubtful') return true;
      return before.deadline !== now.deadline || before.why !== now.why;
  }
}

function leaseDiffers(before: LeaseReport['lease'], now: Lease | null): boolean {
  if (before === null || now === null) return before !== now;
  if (before.id !== now.id || before.grantedTtl !== now.grantedTtl) return true;
  return between(before.aliveUntil, now.aliveUntil) >= now.grantedTtl / 2;
}

/** The next instant at which something is due; what waits for an answer or an event is not. */
function nextDue(state: HeartbeatState, at: Instant): Instant | null {
  if (state.life === 'ended') return null;
  const { grant, renewal, lock, work, lease, settings } = state;
  let soonest: Instant | null = null;
  const consider = (due: Instant): void => {
    if (due > at && (soonest === null || due < soonest)) soonest = due;
  };
  considerGuardian(state, consider);
  if (settings !== null && grant.kind === 'idle' && (lease === null || lease.requestedTtl !== settings.ttl)) {
    consider(grant.notBefore);
  }
  if (renewal.kind === 'idle' && lease !== null && mayRenew(state, at)) consider(renewal.dueAt);
  if (lock.kind === 'held') consider(lock.deadline);
  if (work !== null) consider(work.giveUpAt);
  return soonest;
}

function considerGuardian(state: HeartbeatState, consider: (due: Instant) => void): void {
  const { guardian, settings } = state;
  const { link, readyAt } = guardian;
  if (link.kind === 'connected' && link.unanswered[0] === undefined) {
    if (settings !== null) consider(later(link.lastSentAt, pace(state, settings)));
    return;
  }
  if (link.kind === 'absent') consider(link.retryAt);
  if (link.kind === 'connecting') consider(link.giveUpAt);
  const oldest = link.kind === 'connected' ? link.unanswered[0] : undefined;
  if (oldest !== undefined) consider(later(oldest.at, GUARDIAN_ANSWER_LIMIT));
  // When the agent is to be told that no guardian is there.
  if (readyAt !== null && settings !== null) consider(later(readyAt, guardianGrace(settings.ttl)));
}
