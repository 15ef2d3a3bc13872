import { FAST_STOP_LEAD } from '../domain/fencing.ts';
import { renewalInterval } from '../domain/renewal-interval.ts';
import type { Millis } from '../domain/time.ts';
import { millis } from '../domain/time.ts';

/** How often a member without a lock keeps its lease alive (one with a lock: `renewalInterval`): nobody waits for what is left of its lease. */
export function idleInterval(ttl: Millis): Millis {
  return millis(Math.min(10_000, Math.max(500, ttl / 3)));
}

/**
 * How long one renewal (keep-alive and read together) may take before another endpoint is tried. A hanging endpoint
 * is left early enough for two more tries before the fast stop has to begin:
 * interval + 3 × limit + fencing margin ≤ ttl, for every ttl from 3 s.
 */
export function requestLimit(ttl: Millis): Millis {
  return millis(Math.min(3_000, Math.max(300, (ttl - renewalInterval(ttl) - FAST_STOP_LEAD) / 3)));
}

/** What the read after a slow keep-alive gets at least; less would fail on a store that is merely slow. */
export const READ_LIMIT_MIN: Millis = millis(200);

/** The pause after a failed request: the first few at once, then steadily, so that a dead store is not hammered. */
export function retryPause(situation: { readonly failures: number; readonly ttl: Millis }): Millis {
  if (situation.failures <= 3) return millis(50);
  return millis(Math.min(500, renewalInterval(situation.ttl)));
}

/** A guardian that has not answered for this long is hung, and is replaced. */
export const GUARDIAN_ANSWER_LIMIT: Millis = millis(700);

/** A message to the guardian that leaves so much later than it is due shows that this process was stopped meanwhile. */
export const LATE_MESSAGE: Millis = millis(200);

/** How long the driver may take to find or start a guardian before it is asked again. */
export const GUARDIAN_CONNECT_LIMIT: Millis = millis(5_000);

/** The pause after a guardian could not be reached or started. */
export const GUARDIAN_RETRY_PAUSE: Millis = millis(200);

/**
 * How long a guardian may be missing before the agent is told, and nothing is kept alive any more. Nothing is extended
 * from the first moment on: where no guardian comes, a primary is stopped in order before the deadline that it has.
 */
export function guardianGrace(ttl: Millis): Millis {
  return millis(Math.min(1_500, ttl / 4));
}

/** How long `acquire` and `adopt` may take in all, and `release` until its first write, before they are answered. */
export function lockWorkLimit(ttl: Millis): Millis {
  return millis(3 * requestLimit(ttl));
}

/** Tries to write the last status, and then to delete the lock or to look at it; each is harmless when it is repeated. */
export const RELEASE_TRIES_MAX = 3;
