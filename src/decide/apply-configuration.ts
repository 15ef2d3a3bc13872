import type { Decision } from '../domain/decision.ts';
import { sameDesired } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { neverStreams } from '../domain/tags.ts';
import { conclude } from './conclude.ts';
import { desiredStandby, primaryAsItRuns } from './desired-postgres.ts';
import { heldLock, isBackingOff, otherLeader } from './facts.ts';
import { leadsStandbyCluster } from './remote-source.ts';
import { isLeftAlone, wantedUpstream } from './whom-to-follow.ts';

/**
 * Do PostgreSQL's files say what the configuration says? After a change of the configuration, or when a restarted
 * agent finds a running server, they are written once more; what is equal stays untouched. So they are when a person asks
 * for a reload: somebody may have changed a file by hand. Files that cannot be written keep nothing else waiting.
 */
export function applyConfiguration(o: Observation, m: Memory): Decision | null {
  if (isBackingOff('apply-configuration', o, m)) return null;
  const server = o.postgres?.server.kind;
  if (server === 'primary') {
    if (heldLock(o) === null) return null;
    const desired = primaryAsItRuns(o, m);
    return isApplied(m, desired) ? null : conclude('apply-configuration', { kind: 'reconfigure', desired });
  }
  const standby = o.postgres?.server;
  if (standby?.kind !== 'standby') return null;
  const upstream = wantedUpstream(o, m);
  // Whom to follow is another question, and asked with more care.
  const isFollowed = upstream?.host === standby.upstream?.host && upstream?.port === standby.upstream?.port;
  if ((upstream === null && !mayFollowNobody(o, m)) || !isFollowed) return null;
  const desired = desiredStandby(o, upstream);
  return isApplied(m, desired) ? null : conclude('apply-configuration', { kind: 'reconfigure', desired });
}

/**
 * By its tag, as what has parted from its leader, or as what leads gets its WAL from an archive alone. While nobody leads,
 * whoever may lead next does not wait for a reload.
 */
function mayFollowNobody(o: Observation, m: Memory): boolean {
  const isOnItsOwn = neverStreams(o.config.tags) || isLeftAlone(o, m);
  return leadsStandbyCluster(o) || (isOnItsOwn && otherLeader(o, m) !== null);
}

function isApplied(m: Memory, desired: Parameters<typeof sameDesired>[0]): boolean {
  return !m.reloadDue && m.applied !== null && sameDesired(m.applied, desired);
}
