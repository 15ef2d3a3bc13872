import type { Decision } from '../domain/decision.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isOnOldWal } from '../domain/postgres-report.ts';
import { later, millis } from '../domain/time.ts';
import { nextTimeline } from '../domain/timeline.ts';
import { run } from './conclude.ts';
import { desiredStandby } from './desired-postgres.ts';

/** So long nothing has come. PostgreSQL tries every `wal_retrieve_retry_interval`, 5 s if nobody has set it. */
const STANDS_STILL = millis(15_000);
const AGAIN_AFTER = millis(60_000);

/**
 * A standby reads the history of its upstream before any WAL arrives, and from then on waits for that timeline. The next
 * leader may not have come out of it: it had replayed beyond where that began, or heard of it too late. PostgreSQL finds then
 * that the new timeline is “not a child”, and never turns to it, though all that lies here belongs to it: only a start
 * chooses anew. The number shows it: a promotion skips one that it knows to be taken.
 */
export function restartToFollow(o: Observation, m: Memory, wanted: Upstream | null): Decision | null {
  const server = o.postgres?.server;
  const asked = o.leaderHistory;
  if (wanted === null || server?.kind !== 'standby' || server.timeline === null) return null;
  if (server.walReceiver?.status === 'streaming' || server.isReplaying === true || isOnOldWal(server)) return null;
  if (m.divergence.kind !== 'fits' || asked?.kind !== 'known' || asked.member !== m.divergence.leader) return null;
  const next = nextTimeline(asked.history, server.timeline);
  if (asked.inRecovery || next === null || next === server.timeline + 1) return null;
  const hasStoodStill = m.position !== null && o.now >= later(m.position.movedAt, STANDS_STILL);
  const isDue = m.restartedToFollowAt === null || o.now >= later(m.restartedToFollowAt, AGAIN_AFTER);
  if (!hasStoodStill || !isDue) return null;
  const desired = desiredStandby(o, wanted);
  const timeout = o.effective.startTimeout;
  return run('restart-to-follow', { kind: 'restart', desired, timeout }, { timeline: server.timeline, next });
}
