import type { Instant } from '../domain/time.ts';
import { later, latest, type Millis } from '../domain/time.ts';
import type { LockReadOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { change, doubted } from './draft.ts';
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
  const wrong = whatIsWrong(read, { self, lease: proof.lease, createRevision: lock.createRevision });
  if (wrong !== null) return change(draft, { lock: doubted(lock, wrong, 'command') });
  if (!mayExtend(draft.state, at)) return draft;
  const proven = later(proof.sentAt, proof.ttl);
  // It has fenced, a moment before the deadline, and rests: armed, the next proof counts.
  if (!isArmed(draft.state)) return wish(draft, at, { kind: 'armed', deadline: proven });
  // Forward only. Under the same lease an earlier proof stays true.
  return hold(draft, at, { ...lock, lease: proof.lease, deadline: latest(lock.deadline, proven) });
}

/** The lock is proven mine until `deadline`: say so, and arm the guardian with it. */
export function hold(
  draft: Draft,
  at: Instant,
  {
    createRevision,
    lease,
    deadline,
  }: Pick<Extract<LockState, { kind: 'held' }>, 'createRevision' | 'lease' | 'deadline'>,
): Draft {
  const { lock } = draft.state;
  const promisedUntil = lock.kind === 'none' ? null : lock.promisedUntil;
  const held = change(draft, { lock: { kind: 'held', createRevision, lease, deadline, promisedUntil } });
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

/** What the store shows is not the lock I know, in words; `null`: it is. */
export function whatIsWrong(
  read: ReadLock,
  expected: Pick<Extract<LockState, { kind: 'held' }>, 'createRevision' | 'lease'> & { readonly self: string },
): string | null {
  if (read === null) return 'there is no lock in the store: deleted by hand, or run out';
  if (read.holder !== expected.self) return `held by ${read.holder}`;
  if (read.lease !== expected.lease) return 'the lock is on another lease';
  return read.createRevision === expected.createRevision ? null : 'the lock was created anew';
}
