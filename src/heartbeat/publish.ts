import { deepEqual } from '../domain/deep-equal.ts';
import type { LeaseReport, LockReport } from '../domain/lease.ts';
import type { Instant } from '../domain/time.ts';
import { between, earliest, later } from '../domain/time.ts';
import type { Draft } from './draft.ts';
import { change } from './draft.ts';
import { guardianReady, guardianReported } from './guardian-link.ts';
import { mayRenew } from './may-renew.ts';
import { pace } from './pace.ts';
import type { HeartbeatState, LockState } from './state.ts';
import { GUARDIAN_ANSWER_LIMIT, guardianGrace } from './timing.ts';
import { isWatchdogOpen, watchdogReported } from './watchdog.ts';

/** Tell the agent what changed, and ask to be woken when something is due next. */
export function publish(draft: Draft, at: Instant): Draft {
  const { reported } = draft.state;
  const report = leaseReport(draft.state, at);
  const matters = reported === null || differs(reported, report);
  const told = matters ? change(draft, { reported: report }, { kind: 'report', report }) : draft;
  const timerAt = nextDue(told.state, at);
  if (timerAt === told.state.timerAt) return told;
  if (timerAt === null) return change(told, { timerAt });
  return change(told, { timerAt }, { kind: 'set-timer', at: timerAt });
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

function leaseReport(state: HeartbeatState, at: Instant): LeaseReport {
  const { lease, store } = state;
  return {
    at,
    lease: lease === null ? null : { id: lease.id, grantedTtl: lease.grantedTtl, aliveUntil: lease.aliveUntil },
    lock: lockReport(state),
    // Nothing may be promoted under one that rests.
    guardian: state.settings?.cannotWrite === true ? 'absent' : guardianReported(state, at),
    ...watchdogReported(state),
    storeAnsweredAt: store.answeredAt,
    storeTrouble: store.trouble,
  };
}

function lockReport({ lock }: HeartbeatState): LockReport {
  switch (lock.kind) {
    case 'none':
      return { kind: 'not-held' };
    case 'held':
      return { kind: 'held', createRevision: lock.createRevision, deadline: lock.deadline, ...promised(lock) };
    case 'doubtful':
      return { kind: 'doubtful', deadline: lock.deadline, why: lock.why, ...promised(lock) };
  }
}

function promised(lock: Exclude<LockState, { readonly kind: 'none' }>): { readonly isPromised?: true } {
  return lock.promisedUntil !== null && lock.promisedUntil >= lock.deadline ? { isPromised: true } : {};
}

/** Each new deadline matters. That a lease without a lock lives on is told before the last word of it is half old. */
function differs(before: LeaseReport, now: LeaseReport): boolean {
  if (!deepEqual(before.watchdog ?? null, now.watchdog ?? null)) return true;
  if (before.guardian !== now.guardian || (before.storeTrouble === null) !== (now.storeTrouble === null)) return true;
  return lockDiffers(before.lock, now.lock) || leaseDiffers(before.lease, now.lease);
}

function lockDiffers(before: LockReport, now: LockReport): boolean {
  if (before.kind === 'held' && now.kind === 'held') {
    return before.deadline !== now.deadline || before.createRevision !== now.createRevision;
  }
  if (before.kind === 'doubtful' && now.kind === 'doubtful') {
    return before.deadline !== now.deadline || before.why !== now.why;
  }
  return before.kind !== now.kind;
}

function leaseDiffers(before: LeaseReport['lease'], now: LeaseReport['lease']): boolean {
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
