import { renewalInterval } from '../domain/renewal-interval.ts';
import type { Millis } from '../domain/time.ts';
import type { HeartbeatState, Settings } from './state.ts';
import { idleInterval } from './timing.ts';

/** How far apart renewals, and questions to the guardian, are: often while there is a lock, or one is being sought. */
export function pace({ lock, work }: HeartbeatState, { ttl }: Settings): Millis {
  return lock.kind === 'none' && work === null ? idleInterval(ttl) : renewalInterval(ttl);
}
