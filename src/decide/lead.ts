import type { Decision } from '../domain/decision.ts';
import { fastStopAt } from '../domain/fencing.ts';
import type { Observation } from '../domain/observation.ts';
import { between } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { heldLock, isPrimary } from './facts.ts';

/** The primary with the lock: nothing to do but to go on, as long as the lease is renewed. */
export function lead(o: Observation): Decision | null {
  const held = heldLock(o);
  if (held === null || !isPrimary(o) || between(o.now, fastStopAt(held.deadline)) <= 0) return null;
  return conclude('lead', { kind: 'stay' });
}
