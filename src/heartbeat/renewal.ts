import type { Instant } from '../domain/time.ts';
import { between, later, millis } from '../domain/time.ts';
import type { KeepAliveOutcome, LockReadOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { ask, become, isProvenNext } from './draft.ts';
import { leaseKeptAlive } from './lease.ts';
import { judgeLock } from './lock.ts';
import { mayRenew } from './may-renew.ts';
import { pace } from './pace.ts';
import { judgePursuit } from './pursuit.ts';
import type { HeartbeatState, Proof, Renewal } from './state.ts';
import { storeAnswered, storeRefused, storeSilent } from './store-health.ts';
import { READ_LIMIT_MIN, requestLimit, retryPause } from './timing.ts';

/**
 * The renewal: a keep-alive, and, when there is a lock to prove, a linearizable read after its answer. Only both
 * together prove the lock: keep-alives do not pass through consensus, so a deposed store leader can answer them.
 */
export function tendRenewal(draft: Draft, at: Instant): Draft {
  const { renewal, lease, settings } = draft.state;
  if (renewal.kind !== 'idle' || at < renewal.dueAt) return draft;
  if (lease === null || settings === null || !mayRenew(draft.state, at)) return draft;
  return ask(draft, (id) => ({
    state: { ...draft.state, renewal: { kind: 'keep-alive', id, lease: lease.id, counts: 'counts' } },
    effect: { kind: 'keep-alive', id, lease: lease.id, limit: requestLimit(settings.ttl) },
  }));
}

export function hearKeepAlive(
  draft: Draft,
  heard: { readonly at: Instant; readonly id: number; readonly sentAt: Instant; readonly outcome: KeepAliveOutcome },
): Draft {
  const { renewal, lease } = draft.state;
  if (renewal.kind !== 'keep-alive' || renewal.id !== heard.id) return draft;
  const { at, sentAt, outcome } = heard;
  // Sent for a lease that was replaced meanwhile, or before a suspension: the next one counts.
  if (lease?.id !== renewal.lease || renewal.counts === 'void') return renewAt(draft, at);
  const known = leaseKeptAlive(draft, { at, sentAt, lease, outcome });
  if (outcome.kind === 'gone') return renewAt(known, at);
  if (outcome.kind !== 'alive') return retryRenewal(known, at);
  const proof: Proof = { lease: lease.id, sentAt, ttl: outcome.ttl, term: outcome.term ?? null };
  return proofWanted(known.state) === null ? renewalDone(known, sentAt) : readLock(known, at, proof);
}

export function hearLockRead(
  draft: Draft,
  heard: { readonly at: Instant; readonly id: number; readonly outcome: LockReadOutcome },
): Draft {
  const { renewal } = draft.state;
  if (renewal.kind !== 'read' || renewal.id !== heard.id) return draft;
  const { at, outcome } = heard;
  if (renewal.counts === 'void') return renewAt(draft, at);
  switch (outcome.kind) {
    case 'read': {
      const answered = storeAnswered(draft, at);
      const term = outcome.term ?? null;
      // Another term: the keep-alive may have been answered by a leader that the store had already deposed.
      if (term !== null && renewal.proof.term !== null && term !== renewal.proof.term)
        return retryRenewal(answered, at);
      return judge(renewalDone(answered, renewal.proof.sentAt), at, renewal, outcome);
    }
    case 'refused':
      return retryRenewal(storeRefused(draft, outcome.reason), at);
    case 'no-answer':
      return retryRenewal(storeSilent(draft, outcome.reason), at);
  }
}

/** What was proven before the machine was suspended is void, and so is what is under way. */
export function voidRenewal(renewal: Renewal, at: Instant): Renewal {
  return renewal.kind === 'idle' ? { kind: 'idle', dueAt: at } : { ...renewal, counts: 'void' };
}

/** The next renewal is due at `at`, unless one is under way. */
function renewAt(draft: Draft, at: Instant): Draft {
  return become(draft, { ...draft.state, renewal: { kind: 'idle', dueAt: at } });
}

function judge(
  draft: Draft,
  at: Instant,
  { purpose, proof }: Extract<Renewal, { kind: 'read' }>,
  outcome: Extract<LockReadOutcome, { kind: 'read' }>,
): Draft {
  const wanted = proofWanted(draft.state);
  if (wanted === null) return draft;
  if (wanted.kind === 'work') {
    // A read that left before the lock was written says nothing about the write: read once more, at once.
    const forIt = purpose.kind === 'work' && purpose.startedAs === wanted.startedAs;
    return forIt ? judgePursuit(draft, at, proof, outcome.lock) : renewAt(draft, at);
  }
  return judgeLock(draft, at, proof, outcome.lock);
}

/** Whom a proof would serve now, if anybody. */
function proofWanted({ work, lock, lease }: HeartbeatState): Extract<Renewal, { kind: 'read' }>['purpose'] | null {
  if (work?.kind === 'pursuit' && work.phase.kind === 'proof') return { kind: 'work', startedAs: work.startedAs };
  // On its way to a new lease the lock is proven by the move, under that one.
  return isProvenNext(lock) && lock.lease === lease?.id ? { kind: 'renewal' } : null;
}

function readLock(draft: Draft, at: Instant, proof: Proof): Draft {
  const { settings } = draft.state;
  const purpose = proofWanted(draft.state);
  if (settings === null || purpose === null) return draft;
  const left = requestLimit(settings.ttl) - between(proof.sentAt, at);
  return ask(draft, (id) => ({
    state: { ...draft.state, renewal: { kind: 'read', id, counts: 'counts', proof, purpose } },
    effect: { kind: 'read-lock', id, limit: millis(Math.max(READ_LIMIT_MIN, left)) },
  }));
}

function renewalDone(draft: Draft, sentAt: Instant): Draft {
  const { settings } = draft.state;
  return settings === null ? draft : renewAt(draft, later(sentAt, pace(draft.state, settings)));
}

function retryRenewal(draft: Draft, at: Instant): Draft {
  const { settings, store } = draft.state;
  if (settings === null) return draft;
  return renewAt(draft, later(at, retryPause({ failures: store.failures, ttl: settings.ttl })));
}
