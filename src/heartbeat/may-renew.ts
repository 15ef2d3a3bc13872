import type { Instant } from '../domain/time.ts';
import { later } from '../domain/time.ts';
import { guardianReady, guardianReported } from './guardian-link.ts';
import type { HeartbeatState } from './state.ts';

/**
 * May the lease be kept alive at all? Not while the agent is wedged, so that it loses its lease. And not while a lock
 * of ours cannot be guarded: nobody could release it then, and it has to run out.
 */
export function mayRenew(state: HeartbeatState, at: Instant): boolean {
  const { settings, lock } = state;
  if (state.life === 'ended' || settings === null || !isStepping(state, at)) return false;
  return lock.kind === 'none' || settings.paused || guardianReported(state, at) === 'ready';
}

/** Whether the agent machine made a step without a defect lately. */
export function isStepping({ steppedAt, settings }: HeartbeatState, at: Instant): boolean {
  return settings !== null && steppedAt !== null && at <= later(steppedAt, settings.steppedWithin);
}

/** May a proof extend the lock? Only with a guardian that is armed and answers at this moment; paused, none is needed. */
export function mayExtend(state: HeartbeatState, at: Instant): boolean {
  return isStepping(state, at) && (state.settings?.paused === true || guardianReady(state, at));
}

/** Does the guardian guard the lock that is proven, or about to be? It rests after it has fenced. Paused, none is needed. */
export function isArmed({ settings, guardian }: HeartbeatState): boolean {
  return settings?.paused === true || (guardian.wanted.kind === 'armed' && guardian.armedUntil !== null);
}
