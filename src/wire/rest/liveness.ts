import { memberRole } from '../../domain/member-state.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { type Instant, later, millis } from '../../domain/time.ts';

/**
 * Does the agent still step in time? A primary may be late by `ttl`, anybody else by twice that; in pause nobody is late
 * (spec/rest-api.md 9).
 */
export function isAlive(snapshot: NodeSnapshot, now: Instant): boolean {
  const { observation, memory } = snapshot;
  if (observation.dynamic.pause) return true;
  const isRunningPrimary =
    memberRole(observation, memory) === 'primary' && observation.postgres?.process.kind === 'running';
  const { ttl } = observation.timings;
  return later(snapshot.nextStepDue, isRunningPrimary ? ttl : millis(2 * ttl)) > now;
}
