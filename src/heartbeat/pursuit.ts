import { FAST_STOP_LEAD } from '../domain/fencing.ts';
import type { Revision } from '../domain/names.ts';
import type { WriteOutcome } from '../domain/store-write.ts';
import type { Instant } from '../domain/time.ts';
import { earlier, earliest, later } from '../domain/time.ts';
import type { LockCommandOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { answer, ask, change, doubted } from './draft.ts';
import { guardianReady, wish } from './guardian-link.ts';
import { leaseGone } from './lease.ts';
import type { ReadLock } from './lock.ts';
import { hold, lookFor } from './lock.ts';
import { createLock, takeOverLock } from './lock-write.ts';
import { isArmed, mayExtend } from './may-renew.ts';
import type { HeartbeatState, Lease, Proof, Pursuit, PursuitGoal, WrittenAs } from './state.ts';
import { storeAnswered, storeSilent } from './store-health.ts';
import { lockWorkLimit, requestLimit } from './timing.ts';

/**
 * Get the lock under my lease: a lease that lives, a guardian that is armed, then the write, then the proof.
 * The guardian comes before the write, so that no instant exists at which the lock is mine and nobody would fence.
 */
export function pursue(
  draft: Draft,
  at: Instant,
  { goal, answerTo }: { readonly goal: PursuitGoal; readonly answerTo: number | null },
): Draft {
  const { settings, guardian } = draft.state;
  if (settings === null) return answer(draft, answerTo, { kind: 'refused', why: 'the heartbeat is not configured' });
  const startedAs = draft.state.nextNumber;
  const work: Pursuit = {
    kind: 'pursuit',
    startedAs,
    answerTo,
    goal,
    phase: { kind: 'prepare' },
    guardedBefore: guardian.wanted.kind === 'armed' || guardian.armedUntil !== null,
    giveUpAt: later(at, lockWorkLimit(settings.ttl)),
  };
  return change(draft, { work, nextNumber: startedAs + 1 });
}

/** The ttl has changed: the lock moves from the old lease to the new one, while the old one still lives. */
export function tendMove(draft: Draft, at: Instant): Draft {
  const { lock, lease, work } = draft.state;
  if (lock.kind !== 'held' || lease === null || lock.lease === lease.id || work !== null) return draft;
  const { createRevision, modRevision } = lock;
  return pursue(draft, at, { goal: { kind: 'take-over', createRevision, modRevision }, answerTo: null });
}

export function tendPursuit(draft: Draft, at: Instant): Draft {
  const { work, settings, lease } = draft.state;
  if (work?.kind !== 'pursuit' || settings === null) return draft;
  const missing = work.phase.kind === 'prepare' ? whatIsMissing(draft.state, at) : null;
  if (at >= work.giveUpAt && work.phase.kind !== 'write') {
    return finish(draft, at, work, gaveUp(work, missing));
  }
  if (work.phase.kind !== 'prepare') return draft;
  if (missing === null && lease !== null) return write(draft, work, lease, requestLimit(settings.ttl));
  return missing === 'an armed guardian' && lease !== null ? armFor(draft, at, lease) : draft;
}

export function hearPursuitWritten(
  draft: Draft,
  heard: { readonly at: Instant; readonly id: number; readonly outcome: WriteOutcome },
): Draft {
  const { work } = draft.state;
  if (work?.kind !== 'pursuit' || work.phase.kind !== 'write' || work.phase.id !== heard.id) return draft;
  const { at, outcome } = heard;
  switch (outcome.kind) {
    case 'written': {
      const createRevision = work.goal.kind === 'create' ? outcome.revision : work.goal.createRevision;
      return prove(storeAnswered(draft, at), at, work, { kind: 'written', createRevision });
    }
    case 'conflict':
      return prove(storeAnswered(draft, at), at, work, { kind: 'conflict' });
    case 'no-answer':
      return prove(storeSilent(draft, outcome.reason), at, work, { kind: 'perhaps', why: outcome.reason });
    case 'lease-gone':
      // A new lease, and once more, until the time for all of it is up.
      return change(leaseGone(storeAnswered(draft, at), at), { work: { ...work, phase: { kind: 'prepare' } } });
    case 'refused':
      return finish(draft, at, work, { kind: 'refused', why: `the store refuses: ${outcome.reason}` });
  }
}

/** The read after the write settles it, also when the write's own answer was lost or was a conflict. */
export function judgePursuit(draft: Draft, at: Instant, proof: Proof, read: ReadLock): Draft {
  const { work, self, lease } = draft.state;
  if (work?.kind !== 'pursuit' || work.phase.kind !== 'proof') return draft;
  const { written } = work.phase;
  // Under my lease only I create: whatever creation the read shows there is mine.
  const createRevision = knownCreation(work, written) ?? read?.createRevision ?? null;
  if (createRevision === null) return finish(draft, at, work, absent(written));
  const seen = lookFor(read, { self, lease: proof.lease, createRevision });
  if (seen.kind === 'not-mine') return finish(draft, at, work, { kind: 'lost', why: seen.why });
  // The guardian went away meanwhile and is being replaced, or has fenced and rests: armed, the next proof counts.
  if (!mayExtend(draft.state, at)) return draft;
  if (!isArmed(draft.state)) return lease === null ? draft : armFor(draft, at, lease);
  const deadline = later(proof.sentAt, proof.ttl);
  const { modRevision } = seen.lock;
  const held = hold(change(draft, { work: null }), at, { createRevision, modRevision, lease: proof.lease, deadline });
  return answer(held, work.answerTo, { kind: 'held', createRevision, deadline });
}

/** The agent has changed its mind, or leaves. A write under way may still be applied; a later view shows it. */
export function abandonPursuit(draft: Draft, at: Instant, why: string): Draft {
  const { work } = draft.state;
  return work?.kind === 'pursuit' ? finish(draft, at, work, { kind: 'refused', why }) : draft;
}

function whatIsMissing(state: HeartbeatState, at: Instant): 'a living lease' | 'an armed guardian' | null {
  const { lease, settings, guardian } = state;
  if (lease === null || lease.requestedTtl !== settings?.ttl) return 'a living lease';
  if (at >= earlier(lease.aliveUntil, FAST_STOP_LEAD)) return 'a living lease';
  if (settings.paused) return null;
  const { armedUntil } = guardian;
  // One whose deadline has passed is about to fence, and rests after that: it would not guard this lock.
  if (armedUntil === null || armedUntil <= at) return 'an armed guardian';
  return armedUntil <= lease.aliveUntil && isAcknowledged(guardian) && guardianReady(state, at)
    ? null
    : 'an armed guardian';
}

/**
 * What it last said is what it is to do, and nothing that was told to it is under way: it may be about to rest, on the
 * word of a pursuit that has just ended.
 */
function isAcknowledged({ link, wanted, armedUntil }: HeartbeatState['guardian']): boolean {
  if (link.kind !== 'connected' || link.unanswered.length > 0 || wanted.kind === 'resting') return false;
  return wanted.kind === 'as-found' || wanted.deadline === armedUntil;
}

/**
 * Arm it for a lock that is not proven yet: until the lease runs out, unless it is armed with something earlier. So an
 * older deadline is never extended by a lock that may turn out to be somebody else's.
 */
function armFor(draft: Draft, at: Instant, lease: Lease): Draft {
  const { wanted, armedUntil, link } = draft.state.guardian;
  const known = wanted.kind === 'armed' ? wanted.deadline : armedUntil;
  const deadline = known === null ? lease.aliveUntil : earliest(known, lease.aliveUntil);
  if (link.kind !== 'connected' || (wanted.kind === 'armed' && wanted.deadline === deadline)) return draft;
  const { lock } = draft.state;
  // To a shorter lease: what is promised until then must not outlast it.
  const bounded = lock.kind === 'none' ? lock : { ...lock, deadline: earliest(lock.deadline, deadline) };
  return wish(change(draft, { lock: bounded }), at, { kind: 'armed', deadline, isUnproven: true });
}

function write(draft: Draft, work: Pursuit, lease: Lease, limit: ReturnType<typeof requestLimit>): Draft {
  const { self } = draft.state;
  const { goal } = work;
  const content =
    goal.kind === 'create'
      ? createLock({ self, lease: lease.id })
      : takeOverLock({ self, lease: lease.id, createRevision: goal.createRevision, modRevision: goal.modRevision });
  return ask(draft, (id) => ({
    state: { ...draft.state, work: { ...work, phase: { kind: 'write', id } } },
    effect: { kind: 'write', id, write: content, limit },
  }));
}

function prove(draft: Draft, at: Instant, work: Pursuit, written: WrittenAs): Draft {
  const { renewal } = draft.state;
  // A renewal under way serves if its read is still to come; else the next begins at once.
  const next = renewal.kind === 'idle' ? ({ kind: 'idle', dueAt: at } as const) : renewal;
  return change(draft, { work: { ...work, phase: { kind: 'proof', written } }, renewal: next });
}

function knownCreation({ goal }: Pursuit, written: WrittenAs): Revision | null {
  if (goal.kind === 'take-over') return goal.createRevision;
  return written.kind === 'written' ? written.createRevision : null;
}

/** No lock at all after a write that was not answered: it may still be applied. */
function absent(written: WrittenAs): LockCommandOutcome {
  return written.kind === 'perhaps'
    ? { kind: 'no-answer', why: written.why }
    : { kind: 'lost', why: 'the lock is gone again' };
}

function gaveUp({ phase }: Pursuit, missing: string | null): LockCommandOutcome {
  return phase.kind === 'prepare'
    ? { kind: 'refused', why: `without ${missing ?? 'what it takes'} in time` }
    : { kind: 'no-answer', why: 'the lock was not proven in time' };
}

function finish(draft: Draft, at: Instant, work: Pursuit, outcome: LockCommandOutcome): Draft {
  const { lock, settings } = draft.state;
  const why = 'why' in outcome ? outcome.why : 'the lock was not proven';
  // A lock that was to be moved is still on the old lease, which nothing keeps alive.
  const ended = answer(change(draft, { work: null, lock: doubted(lock, why, 'command') }), work.answerTo, outcome);
  if (work.guardedBefore || settings?.paused === true) return ended;
  return wish(ended, at, { kind: 'resting', because: 'not-my-lock', words: `the lock is not mine: ${why}` });
}
