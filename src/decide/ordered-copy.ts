import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { run } from './conclude.ts';
import { heldLock } from './facts.ts';
import { runningLeader, sourcePatience } from './source-of-copy.ts';

/**
 * Is a new copy ordered in place of what lies here (spec/ha.md 2.18 X6)? Nothing is stopped before there is somebody to
 * copy from, and whoever holds the lock removes nothing.
 */
export function orderedCopy(o: Observation, m: Memory): Decision | null {
  const { order } = m;
  if (order?.kind !== 'reinitialize' || order.stage !== 'wanted' || o.postgres === null || heldLock(o) !== null)
    return null;
  const from = runningLeader(o, m);
  if (from === null || o.store.kind !== 'settled') return null;
  if (o.postgres.process.kind !== 'none') {
    const timeout = o.timings.retryTimeout;
    return run('reinitialize-stop', { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout });
  }
  const { basebackupOptions: options } = o.effective;
  return run('reinitialize-copy', { kind: 'clone', from, options, patience: sourcePatience(o) }, { from: from.member });
}
