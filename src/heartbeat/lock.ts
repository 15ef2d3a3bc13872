import type { LeaseId, MemberName, Revision } from '../domain/names.ts';
import type { Instant } from '../domain/time.ts';
import { later, latest, type Millis } from '../domain/time.ts';
import type { LockReadOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { become, change, doubted, lost } from './draft.ts';
import { wish } from './guardian-link.ts';
import { isArmed, mayExtend } from './may-renew.ts';
import type { LockState, Proof } from './state.ts';

/** The `leader` key as a linearizable read showed it; `null`: there is none. */
export type ReadLock = Extract<LockReadOutcome, { readonly kind: 'read' }>['lock'];

/**
 * A keep-alive and the read after it are in: extend the lock, or doubt it. The new deadline is the instant at which
 * that keep-alive was sent plus the ttl that the store answered.
 */
export function judgeLock(draft: Draft, at: Instant, proof: Proof, read: ReadLock): Draft {
  const { lock, self } = draft.state;
  if (lock.kind === 'none') return draft;
  const seen = lookFor(read, { self, lease: proof.lease, createRevision: lock.createRevision });
  if (seen.kind === 'not-mine') return change(draft, { lock: lost(draft.state, seen.why) });
  if (!mayExtend(draft.state, at)) return draft;
  const proven = later(proof.sentAt, proof.ttl);
  // It has fenced, a moment before the deadline, and rests: armed, the next proof counts.
  if (!isArmed(draft.state)) return wish(draft, at, { kind: 'armed', deadline: proven });
  // Forward only. Under the same lease an earlier proof stays true.
  const { createRevision, modRevision } = seen.lock;
  const deadline = latest(lock.deadline, proven);
  return hold(draft, at, { createRevision, modRevision, lease: proof.lease, deadline });
}

/** The lock is proven mine until `deadline`: say so, and arm the guardian with it. */
export function hold(
  draft: Draft,
  at: Instant,
  {
    createRevision,
    modRevision,
    lease,
    deadline,
  }: Pick<Extract<LockState, { kind: 'held' }>, 'createRevision' | 'modRevision' | 'lease' | 'deadline'>,
): Draft {
  const { lock } = draft.state;
  const promisedUntil = lock.kind === 'none' ? null : lock.promisedUntil;
  const held = become(draft, {
    ...draft.state,
    lock: { kind: 'held', createRevision, modRevision, lease, deadline, promisedUntil },
  });
  return draft.state.settings?.paused === true ? held : wish(held, at, { kind: 'armed', deadline });
}

/**
 * Every other member has promised to leave the lead to me for one ttl from a moment after `askedAt`. That extends a deadline
 * as a proof does, but only one that has not passed: after it somebody may have taken the lock.
 */
export function extendByMembers(draft: Draft, at: Instant, askedAt: Instant, ttl: Millis): Draft {
  const { lock } = draft.state;
  if (lock.kind === 'none' || at >= lock.deadline || !mayExtend(draft.state, at) || !isArmed(draft.state)) return draft;
  const promisedUntil = later(askedAt, ttl);
  if (promisedUntil <= lock.deadline) return draft;
  const extended = change(draft, { lock: { ...lock, deadline: promisedUntil, promisedUntil } });
  return wish(extended, at, { kind: 'armed', deadline: promisedUntil });
}

/** A deadline that passed without a proof: the lock may still be mine in the store, so the next proof settles it. */
export function tendDeadline(draft: Draft, at: Instant): Draft {
  const { lock } = draft.state;
  if (lock.kind !== 'held' || at < lock.deadline) return draft;
  return change(draft, { lock: doubted(lock, 'the deadline passed without a proof', 'proof') });
}

/** What the store shows: the lock that I know, under this lease, or under `any`, or what is wrong with it, in words. */
export function lookFor(
  read: ReadLock,
  expected: { readonly self: MemberName; readonly createRevision: Revision; readonly lease: LeaseId | 'any' },
):
  | { readonly kind: 'mine'; readonly lock: NonNullable<ReadLock> }
  | { readonly kind: 'not-mine'; readonly why: string } {
  if (read === null) return wrong('there is no lock in the store: deleted by hand, or run out');
  if (read.holder !== expected.self) return wrong(`held by ${read.holder}`);
  if (expected.lease !== 'any' && read.lease !== expected.lease) return wrong('the lock is on another lease');
  return read.createRevision === expected.createRevision
    ? { kind: 'mine', lock: read }
    : wrong('the lock was created anew');
}

function wrong(why: string): { readonly kind: 'not-mine'; readonly why: string } {
  return { kind: 'not-mine', why };
}
