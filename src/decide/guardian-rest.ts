import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { conclude } from './conclude.ts';
import { foreignHolder, heldLock, lockIn } from './facts.ts';

/**
 * Is a guardian armed that has nothing to guard? PostgreSQL is down or a standby, and the lock is not mine any more (or
 * never was since this agent started): it rests before anything is started, or it would end that at the old deadline.
 * Whose clocks stood still believes in its lease still; with the guardian it gives that up, once it has seen another holder.
 */
export function guardianRest(o: Observation, m: Memory): Decision | null {
  const report = o.postgres;
  if (m.guardianRests || report === null || m.bootstrap.kind === 'won') return null;
  if (heldLock(o) !== null && foreignHolder(o) === null) return null;
  const isDown = report.process.kind === 'none';
  const isStandby = report.server.kind === 'standby' && m.role !== 'promoted';
  if (!isDown && !isStandby) return null;
  const lock = lockIn(o);
  const looksMine = lock?.holder === o.config.name && lock.createRevision !== m.released;
  // With the store in sight, my own lock is taken over instead; without it, nobody can be promoted under it here.
  if (looksMine && o.store.kind !== 'silent') return null;
  if (o.store.kind === 'unknown') return null;
  const evidence = isDown ? 'PostgreSQL is down' : 'PostgreSQL is a standby';
  return conclude('rest-guardian', { kind: 'disarm-guardian', evidence });
}
