import { renewalInterval } from '../domain/renewal-interval.ts';
import type { Instant } from '../domain/time.ts';
import { later, latest } from '../domain/time.ts';
import type { GrantOutcome, KeepAliveOutcome } from '../ports/heartbeat.ts';
import type { Draft } from './draft.ts';
import { ask, become, change, lost } from './draft.ts';
import { isStepping } from './may-renew.ts';
import type { HeartbeatState, Lease } from './state.ts';
import { storeAnswered, storeRefused, storeSilent } from './store-health.ts';
import { requestLimit, retryPause } from './timing.ts';

/** Ask for a lease when there is none, or when the ttl has changed; for a wedged agent none is of use. */
export function tendLease(draft: Draft, at: Instant): Draft {
  const { settings, grant } = draft.state;
  if (!isStepping(draft.state, at)) return draft;
  if (settings === null || grant.kind === 'asked' || at < grant.notBefore || !needsLease(draft.state)) return draft;
  const { ttl } = settings;
  return ask(draft, (id) => ({
    state: { ...draft.state, grant: { kind: 'asked', id, ttl } },
    effect: { kind: 'grant', id, ttl, limit: requestLimit(ttl) },
  }));
}

/** A lease counts from before its request was sent: the store may have started it at once. */
export function hearGrant(
  draft: Draft,
  heard: { readonly at: Instant; readonly id: number; readonly sentAt: Instant; readonly outcome: GrantOutcome },
): Draft {
  const { grant } = draft.state;
  if (grant.kind !== 'asked' || grant.id !== heard.id) return draft;
  const { at, sentAt, outcome } = heard;
  switch (outcome.kind) {
    case 'granted': {
      const lease: Lease = {
        id: outcome.lease,
        requestedTtl: grant.ttl,
        grantedTtl: outcome.ttl,
        aliveUntil: later(sentAt, outcome.ttl),
      };
      const dueAt = later(sentAt, renewalInterval(grant.ttl));
      const renewal = draft.state.renewal.kind === 'idle' ? ({ kind: 'idle', dueAt } as const) : draft.state.renewal;
      return change(storeAnswered(draft, at), { lease, grant: { kind: 'idle', notBefore: at }, renewal });
    }
    case 'refused':
      return retryGrant(storeRefused(draft, outcome.reason), at);
    case 'no-answer':
      return retryGrant(storeSilent(draft, outcome.reason), at);
  }
}

/** What a keep-alive's answer says of the lease itself; what it is worth for the lock is `renewal.ts`'s question. */
export function leaseKeptAlive(
  draft: Draft,
  heard: { readonly at: Instant; readonly sentAt: Instant; readonly lease: Lease; readonly outcome: KeepAliveOutcome },
): Draft {
  const { at, sentAt, lease, outcome } = heard;
  switch (outcome.kind) {
    case 'alive': {
      const aliveUntil = latest(lease.aliveUntil, later(sentAt, outcome.ttl));
      const answered = storeAnswered(draft, at);
      return become(answered, { ...answered.state, lease: { ...lease, grantedTtl: outcome.ttl, aliveUntil } });
    }
    case 'gone': {
      const lock = lost(draft.state, 'the lease that the lock hangs on is gone');
      return change(storeAnswered(draft, at), { lease: null, lock, grant: retryAtOnce(draft.state, at) });
    }
    case 'refused':
      return storeRefused(draft, outcome.reason);
    case 'no-answer':
      return storeSilent(draft, outcome.reason);
  }
}

/** The store said of a write that the lease it names does not exist. */
export function leaseGone(draft: Draft, at: Instant): Draft {
  return change(draft, { lease: null, grant: retryAtOnce(draft.state, at) });
}

function needsLease({ lease, settings }: HeartbeatState): boolean {
  return lease === null || lease.requestedTtl !== settings?.ttl;
}

function retryGrant(draft: Draft, at: Instant): Draft {
  const { settings, store } = draft.state;
  if (settings === null) return draft;
  const notBefore = later(at, retryPause({ failures: store.failures, ttl: settings.ttl }));
  return change(draft, { grant: { kind: 'idle', notBefore } });
}

function retryAtOnce({ grant }: HeartbeatState, at: Instant): HeartbeatState['grant'] {
  return grant.kind === 'asked' ? grant : { kind: 'idle', notBefore: at };
}
