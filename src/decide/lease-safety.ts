import { FAST_STOP_LEAD, fastStopAt } from '../domain/fencing.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { later, type Millis, millis } from '../domain/time.ts';
import { isWatchdogReady } from '../domain/watchdog-plan.ts';
import { heldLock } from './facts.ts';

/** What must be left of the lease before an orderly stop would begin, for PostgreSQL to become a primary under it. */
const MARGIN = millis(500);

/** What the performer asks of the lease once more, right before PostgreSQL can write. */
export const PRIMARY_SAFETY: Millis = FAST_STOP_LEAD;

/** What the lease lacks for PostgreSQL to become a primary under it; `null`: nothing. */
export function leaseLacks(o: Observation): string | null {
  const held = heldLock(o);
  if (held === null) return 'a proven lock';
  if (later(o.now, MARGIN) >= fastStopAt(held.deadline)) return 'the next renewal';
  const view = latestView(o);
  // The heartbeat proves the lock once in a while; a view may show sooner that it is gone.
  const isSeen =
    view === null || view.revision < held.createRevision || view.lock?.createRevision === held.createRevision;
  if (!isSeen) return 'a proof: the latest view does not show this lock';
  if (o.lease?.guardian !== 'ready') return 'a guardian';
  return o.dynamic.pause || isWatchdogReady(o) ? null : 'the watchdog to be active';
}
