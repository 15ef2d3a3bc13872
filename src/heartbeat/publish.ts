import type { LeaseReport, LockReport } from '../domain/lease.ts';
import type { Instant } from '../domain/time.ts';
import { between, earliest, later } from '../domain/time.ts';
import type { Draft } from './draft.ts';
import { change } from './draft.ts';
import { guardianReady, guardianReported } from './guardian-link.ts';
import { mayRenew } from './may-renew.ts';
import type { HeartbeatState } from './state.ts';
import { GUARDIAN_ANSWER_LIMIT, guardianGrace, renewalInterval } from './timing.ts';

/** Tell the agent what changed, and ask to be woken when something is due next. */
export function publish(draft: Draft, at: Instant): Draft {
  const { reported } = draft.state;
  const report = leaseReport(draft.state, at);
  const matters = reported === null || differs(reported, report);
  const told = matters ? change(draft, { reported: report }, { kind: 'report', report }) : draft;
  const timerAt = nextDue(told.state, at);
  if (timerAt === null || timerAt === told.state.timerAt) return change(told, { timerAt });
  return change(told, { timerAt }, { kind: 'set-timer', at: timerAt });
}

/** What a promotion asks at its very moment, stricter than the report: proven, and guarded right now. */
export function leaseFact(
  state: HeartbeatState,
  at: Instant,
): { readonly deadline: Instant | null; readonly guardianReady: boolean } {
  const { lock } = state;
  return {
    deadline: lock.kind === 'held' && at < lock.deadline ? lock.deadline : null,
    guardianReady: guardianReady(state, at),
  };
}

function leaseReport(state: HeartbeatState, at: Instant): LeaseReport {
  const { lease, store } = state;
  return {
    at,
    lease: lease === null ? null : { id: lease.id, grantedTtl: lease.grantedTtl, aliveUntil: lease.aliveUntil },
    lock: lockReport(state),
    guardian: guardianReported(state, at),
    storeAnsweredAt: store.answeredAt,
    storeTrouble: store.trouble,
  };
}

function lockReport({ lock }: HeartbeatState): LockReport {
  switch (lock.kind) {
    case 'none':
      return { kind: 'not-held' };
    case 'held':
      return { kind: 'held', createRevision: lock.createRevision, deadline: lock.deadline };
    case 'doubtful':
      return { kind: 'doubtful', deadline: lock.deadline, why: lock.why };
  }
}

/** Each new deadline matters. That a lease without a lock lives on is told before the last word of it is half old. */
function differs(before: LeaseReport, now: LeaseReport): boolean {
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
  const due: Instant[] = [...guardianDue(state)];
  if (settings !== null && grant.kind === 'idle' && (lease === null || lease.requestedTtl !== settings.ttl)) {
    due.push(grant.notBefore);
  }
  if (renewal.kind === 'idle' && lease !== null && mayRenew(state, at)) due.push(renewal.dueAt);
  if (lock.kind === 'held') due.push(lock.deadline);
  if (work !== null) due.push(work.giveUpAt);
  const ahead = due.filter((each) => each > at);
  return ahead.length === 0 ? null : ahead.reduce(earliest);
}

function guardianDue({ guardian, settings }: HeartbeatState): readonly Instant[] {
  const { link, readyAt } = guardian;
  // When the agent is to be told that no guardian is there.
  const told = readyAt === null || settings === null ? [] : [later(readyAt, guardianGrace(settings.ttl))];
  switch (link.kind) {
    case 'absent':
      return [link.retryAt, ...told];
    case 'connecting':
      return [link.giveUpAt, ...told];
    case 'connected': {
      const oldest = link.unanswered[0];
      if (oldest !== undefined) return [later(oldest.at, GUARDIAN_ANSWER_LIMIT), ...told];
      return settings === null ? [] : [later(link.lastSentAt, renewalInterval(settings.ttl))];
    }
  }
}
