import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { watchdogFailure } from '../domain/watchdog-plan.ts';
import { conclude, run } from './conclude.ts';
import { couldWrite, heldLock, isPrimary } from './facts.ts';
import { lastPosition } from './last-position.ts';

/**
 * A watchdog is required and cannot be active: nobody leads without it (spec/ha.md K1, K2). A primary is stopped in good
 * order, since its lease is renewed meanwhile and the guardian still guards it; then, as from a standby, the lock goes.
 */
export function requiredWatchdog(o: Observation, m: Memory): Decision | null {
  const held = heldLock(o);
  const because = watchdogFailure(o);
  if (held === null || because === null) return null;
  if (couldWrite(o, m)) {
    const timeout = o.dynamic.primaryStopTimeout;
    const checkpointFirst = isPrimary(o);
    return run('demote-without-watchdog', { kind: 'stop', mode: 'fast', checkpointFirst, timeout }, { because });
  }
  const lastLsn = o.postgres?.process.kind === 'none' ? lastPosition(o, m) : null;
  const { createRevision } = held;
  return conclude('release-without-watchdog', { kind: 'release-lock', createRevision, lastLsn }, { because });
}
