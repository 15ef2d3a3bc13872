import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { conclude } from './conclude.ts';
import { heldLock, lockIn } from './facts.ts';
import { keepOut, promiseInForce } from './failsafe-promise.ts';
import { lastPosition } from './last-position.ts';

/**
 * The lock bears my name, but the heartbeat does not hold it: the agent was restarted, its lease ran out unnoticed,
 * or a reply was lost. Ownership is by name (spec/dcs.md 1.5), so my lease is put on it and proven.
 */
export function ownLock(o: Observation, m: Memory): Decision | null {
  const lock = lockIn(o);
  if (lock === null || lock.holder !== o.config.name || lock.createRevision === m.released) return null;
  if (heldLock(o) !== null || o.lease === null || m.leaving !== null) return null;
  const promise = promiseInForce(o, m);
  // The store was restored, and shows what was: whom I left the lead to leads.
  if (promise !== null) return keepOut(o, m, promise);
  const isNoPrimary = o.postgres?.process.kind === 'none' || o.postgres?.server.kind === 'standby';
  if (m.handOver !== null && isNoPrimary) {
    return conclude('switchover-release', {
      kind: 'release-lock',
      createRevision: lock.createRevision,
      lastLsn: lastPosition(o, m),
    });
  }
  const { createRevision, modRevision } = lock;
  return conclude('adopt-own-lock', { kind: 'adopt-lock', createRevision, modRevision }, { lease: lock.lease });
}
