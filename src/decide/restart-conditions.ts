import { memberRole } from '../domain/member-state.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import type { RestartFilters } from '../domain/orders.ts';

/** Is PostgreSQL here one that the restart was meant for (spec/ha.md 2.18 X1)? What it does not say does not fit. */
export function meetsConditions(
  o: Observation,
  m: Memory,
  { role, olderThan, restartPending }: RestartFilters,
): boolean {
  const server = o.postgres?.server;
  const answer = server?.kind === 'primary' || server?.kind === 'standby' ? server : null;
  if (role !== null && memberRole(o, m) !== role) return false;
  if (olderThan !== null && (answer === null || answer.serverVersion >= olderThan.number)) return false;
  return restartPending === null || (answer !== null && answer.pendingRestart.length > 0);
}
