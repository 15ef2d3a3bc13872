import type { Millis } from './time.ts';
import { millis } from './time.ts';

/**
 * How often the lease is kept alive and the lock proven. Often, because what is left of a lease when its holder dies
 * is what applications wait for; not below half a second, so that an idle cluster costs the store next to nothing.
 */
export function renewalInterval(ttl: Millis): Millis {
  return millis(Math.min(5_000, Math.max(500, ttl / 5)));
}
