import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { later, type Millis, millis } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { heldLock, lockIn } from './facts.ts';
import { isUnread, lastPosition, lastPositionUnder } from './last-position.ts';

/** How long a directory may be out of reach, PostgreSQL being down, before the lock is given up for it. */
export const UNREADABLE_PATIENCE: Millis = millis(5_000);
export const NO_PATIENCE: Millis = millis(0);

/**
 * PostgreSQL is down and what lies in its directory, if anything, cannot be started. Is the lock given up? Somebody else
 * can lead, and the heartbeat would renew a lock that nothing here can serve for as long as the agent lives.
 */
export function releaseWithoutData(o: Observation, m: Memory, patience: Millis): Decision | null {
  const seen = lockIn(o);
  const mine = heldLock(o) ?? (seen?.holder === o.config.name && seen.createRevision !== m.released ? seen : null);
  if (mine === null) return null;
  if (o.postgres?.process.kind !== 'none' || o.now < later(m.unavailableSince ?? o.now, patience)) return null;
  const { createRevision } = mine;
  // A hand-over promised that the next leader has it, whatever lock it began under.
  const told = m.handOver === null ? lastPositionUnder(createRevision, o, m) : lastPosition(o, m);
  const lastLsn = isUnread(o) ? told : null;
  return conclude('release-without-data', { kind: 'release-lock', createRevision, lastLsn });
}
