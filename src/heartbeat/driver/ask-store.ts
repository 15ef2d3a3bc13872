import { memberName } from '../../domain/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HeartbeatEffect, HeartbeatHappening, LockReadOutcome } from '../../ports/heartbeat.ts';
import type { ReadOutcome, Store } from '../../ports/store.ts';
import { LOCK_KEY } from '../lock-write.ts';

export type StoreRequest = Extract<HeartbeatEffect, { readonly kind: 'grant' | 'keep-alive' | 'read-lock' | 'write' }>;

/** Send one request once. @returns the event that tells its outcome; `sentAt` is read before it leaves. */
export async function askStore(store: Store, clock: Clock, request: StoreRequest): Promise<HeartbeatHappening> {
  const sentAt = clock.now();
  const { id, limit } = request;
  switch (request.kind) {
    case 'grant':
      return { kind: 'granted', id, sentAt, outcome: await store.grantLease(request.ttl, limit) };
    case 'keep-alive':
      return { kind: 'kept-alive', id, sentAt, outcome: await store.keepAlive(request.lease, limit) };
    case 'read-lock':
      return { kind: 'lock-read', id, sentAt, outcome: lockIn(await store.read(LOCK_KEY, limit)) };
    case 'write':
      return { kind: 'written', id, sentAt, outcome: await store.write(request.write, limit) };
  }
}

function lockIn(outcome: ReadOutcome): LockReadOutcome {
  if (outcome.kind !== 'read') return outcome;
  const { revision, pairs } = outcome;
  const pair = pairs.find((each) => each.key === LOCK_KEY);
  const lock =
    pair === undefined
      ? null
      : {
          holder: memberName(pair.value),
          lease: pair.lease,
          createRevision: pair.createRevision,
          modRevision: pair.modRevision,
        };
  return { kind: 'read', revision, lock, ...(outcome.term === undefined ? {} : { term: outcome.term }) };
}
