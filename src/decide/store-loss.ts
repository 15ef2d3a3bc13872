import type { Decision } from '../domain/decision.ts';
import { fastStopAt, hardFenceAt } from '../domain/fencing.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { Instant, Millis } from '../domain/time.ts';
import { between, later, millis } from '../domain/time.ts';
import { conclude, run, wait } from './conclude.ts';
import { desiredStandby } from './desired-postgres.ts';
import { couldWrite, heldLock, isPrimary, neverWasConsistent, presentDirectory } from './facts.ts';

/** A stop that the deadline does not limit may take this long before it is enforced. */
const STOP_WITHOUT_DEADLINE = millis(5_000);
/** How long a proof may take at least, of a primary that an agent finds when it starts. */
const PROOF_PATIENCE_MIN = millis(5_000);

/**
 * What does losing the store do? A primary stops in time before its lease's deadline. "No answer" and "refused"
 * are the same here: neither confirms the lease. A replica goes on.
 */
export function storeLoss(o: Observation, m: Memory): Decision | null {
  if (!couldWrite(o, m)) return null;
  const deadline = leaseDeadline(o);
  if (deadline === null) return neverProven(o, m);
  if (o.now < fastStopAt(deadline)) return null;
  return run(
    'lease-running-out',
    { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: hardStopTimeout(o) },
    { leftMs: Math.round(between(o.now, deadline)), store: o.lease?.storeTrouble ?? null },
  );
}

/** The store is silent: a leader goes on until its deadline, a replica goes on following, a stopped server serves reads. */
export function withoutStore(o: Observation, m: Memory): Decision | null {
  if (o.store.kind !== 'silent') return null;
  if (heldLock(o) !== null && isPrimary(o)) return conclude('lead', { kind: 'stay' }, { store: o.store.reason });
  if (leaseDeadline(o) === null && couldWrite(o, m)) return unproven(o, o.store.since);
  const { postgres } = o;
  const directory = postgres === null ? null : presentDirectory(postgres);
  // A copy that has never been consistent, or is half rewound, needs its source first.
  const hasData = directory !== null && !neverWasConsistent(directory) && directory.isHalfRewound !== true;
  const held = heldLock(o);
  if (held !== null) return wait('own-lock-in-doubt', 'the next proof, or the deadline', held.deadline);
  if (postgres?.process.kind === 'none' && hasData && o.store.view !== null) {
    const desired = desiredStandby(o, null);
    return run('store-lost-restart-readonly', { kind: 'start', desired, timeout: o.effective.startTimeout });
  }
  return wait('store-lost-replica', 'the store', null, { reason: o.store.reason });
}

/**
 * A primary without any lease: nothing keeps another member from leading, and nothing tells us when one does. Unless the
 * store answers again at once it stops; there is no deadline that would stop it.
 */
function unproven(o: Observation, silentSince: Instant): Decision {
  const until = later(silentSince, o.timings.retryTimeout);
  if (o.now < until) return wait('store-lost-primary', 'the store', until);
  return stopUnproven();
}

/**
 * The store answers, and still no lock is proven: the answer that would prove it does not come. An agent that died while
 * the cluster was paused has left no deadline behind either.
 */
function neverProven(o: Observation, m: Memory): Decision | null {
  const until = proofDueAt(o, m);
  return until === null || o.now < until ? null : stopUnproven();
}

/** When PostgreSQL is stopped unless its lock is proven before: whoever waits for something else has to be woken then. */
export function proofDueAt({ timings }: Pick<Observation, 'timings'>, m: Memory): Instant | null {
  if (m.unprovenSince === null) return null;
  return later(m.unprovenSince, millis(Math.max(timings.retryTimeout, PROOF_PATIENCE_MIN)));
}

function stopUnproven(): Decision {
  return run('store-lost-primary', {
    kind: 'stop',
    mode: 'fast',
    checkpointFirst: false,
    timeout: STOP_WITHOUT_DEADLINE,
  });
}

/** Since when PostgreSQL could write here without a lock that was ever proven; for `remember`. */
export function unprovenSince(o: Observation, m: Memory): Instant | null {
  const isUnproven = !o.dynamic.pause && m.bootstrap.kind === 'none' && leaseDeadline(o) === null && couldWrite(o, m);
  return isUnproven ? (m.unprovenSince ?? o.now) : null;
}

/** The deadline after which no write may be acknowledged, if the lock was ever proven and not given up. */
export function leaseDeadline(o: Pick<Observation, 'lease'>): Instant | null {
  const lock = o.lease?.lock;
  return lock === undefined || lock.kind === 'not-held' ? null : lock.deadline;
}

/** How long an orderly stop may take: until the hard fence is due. */
export function hardStopTimeout(o: Observation): Millis {
  const deadline = leaseDeadline(o);
  if (deadline === null) return STOP_WITHOUT_DEADLINE;
  return millis(Math.min(STOP_WITHOUT_DEADLINE, Math.max(0, between(o.now, hardFenceAt(deadline)))));
}
