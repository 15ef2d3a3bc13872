import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { later } from '../domain/time.ts';
import { conclude, wait } from './conclude.ts';
import { presentDirectory } from './facts.ts';
import { comparable } from './remote-source.ts';
import { ASK_AGAIN, startsForLong, starved, stopToCopy, stopToRewind } from './whom-to-follow.ts';

/**
 * What it needs to become consistent is in nobody's history any more: its source was rewound itself since, or copied
 * anew. To follow another one does not help.
 */
export function hopelessStart(o: Observation, m: Memory): Decision | null {
  const { divergence } = m;
  if (!waitsForWal(o, m) || divergence.kind !== 'rewind-failed') return null;
  return comparable(o, m).some(({ name }) => name === divergence.leader) ? stopToRewind(o, m) : null;
}

/**
 * A standby that starts and starts: has its upstream removed the WAL that it needs to become consistent? Then it waits for
 * ever, unless it is copied anew. Only whom it follows is asked, and where an archive may have the WAL nobody is.
 */
export function stuckStart(o: Observation, m: Memory): Decision | null {
  const upstream = m.applied?.standby?.upstream ?? null;
  const source = comparable(o, m).find(({ at }) => at.member === upstream?.member);
  if (source === undefined || !waitsForWal(o, m)) return null;
  const { divergence } = m;
  if (divergence.kind === 'starved' && divergence.leader === source.name) {
    return o.effective.removeDataOnDivergedTimelines ? stopToCopy(o, divergence.why) : starved(divergence.why);
  }
  const asked = o.leaderHistory;
  const again = asked === null ? o.now : later(asked.askedAt, ASK_AGAIN);
  if (o.now < again) return wait('still-starting', 'PostgreSQL to accept connections', again);
  return conclude('ask-leader-history', { kind: 'ask-history', upstream: source.at });
}

function waitsForWal(o: Observation, m: Memory): boolean {
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  if (o.postgres?.server.kind !== 'rejecting' || directory?.signal !== 'standby') return false;
  const hasArchive = m.applied?.standby?.recovery['restore_command'] !== undefined;
  return !hasArchive && startsForLong(o, m);
}
