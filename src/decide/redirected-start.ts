import type { Decision } from '../domain/decision.ts';
import { sameDesired, type Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { later } from '../domain/time.ts';
import { conclude, wait } from './conclude.ts';
import { desiredStandby } from './desired-postgres.ts';
import { isAnotherBranch } from './divergence.ts';
import { presentDirectory } from './facts.ts';
import { remoteUpstream, whileStarting } from './remote-source.ts';
import { ASK_AGAIN, needsItsSource, startsForLong, upstreamUntilConsistent, wantedUpstream } from './whom-to-follow.ts';

/**
 * A standby that starts may need WAL to become consistent, and must not wait for an upstream that is none any more: whom
 * does it follow instead? It can hardly be compared as long as it starts; what was rewound is in a hurry. Whom it was found
 * to have parted from before is none.
 */
export function redirectedStart(o: Observation, m: Memory): Decision | null {
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  const wanted = wantedUpstream(o, m);
  const source = isStandbyCluster(o.dynamic) ? remoteUpstream(o) : upstreamUntilConsistent(o, m);
  if (o.postgres?.server.kind !== 'rejecting' || directory?.signal !== 'standby') return null;
  const left = needsItsSource(o, m) ? null : leaveMember(o, m);
  if (left !== null) return left;
  if (wanted === null || source === null || m.parted?.from === source.member) return null;
  const { applied } = m;
  const isLong = startsForLong(o, m);
  const accepted = isLong || isStandbyCluster(o.dynamic) ? [source] : [wanted, source];
  const isRight = accepted.some((each) => applied !== null && sameDesired(applied, desiredStandby(o, each)));
  if (isRight) return null;
  if (mayLieElsewhere(o, m)) {
    if (!needsItsSource(o, m) && !isLong) return null;
    const unproven = askFirst(o, m, source);
    if (unproven !== null) return unproven;
  }
  return conclude(
    'change-upstream',
    { kind: 'reconfigure', desired: desiredStandby(o, source) },
    { to: source.member },
  );
}

/**
 * What follows nobody was not compared. In a standby cluster any member may lie where the remote has parted from it, on a
 * timeline of the same number, and any other be a copy of the remote. Neither needs an upstream to start: only what was
 * rewound does, which may have been from a member, before the cluster was made to follow.
 */
function mayLieElsewhere(o: Observation, { applied }: Memory): boolean {
  return isStandbyCluster(o.dynamic) || applied?.standby?.upstream === null;
}

/** Its start was late already when the cluster was made to follow: whom it is to follow may be a copy of the remote by now. */
function leaveMember(o: Observation, { applied }: Memory): Decision | null {
  const upstream = applied?.standby?.upstream ?? null;
  if (upstream === null || whileStarting(o, upstream) !== null) return null;
  return conclude('change-upstream', { kind: 'reconfigure', desired: desiredStandby(o, null) }, { to: null });
}

function askFirst(o: Observation, m: Memory, source: Upstream): Decision | null {
  const { leaderHistory: asked, postgres } = o;
  const isOfThisStart = asked?.member === source.member && asked.askedAt >= (m.unavailableSince ?? o.now);
  if (asked === null || !isOfThisStart)
    return conclude('ask-leader-history', { kind: 'ask-history', upstream: source });
  if (asked.kind === 'known' && postgres !== null && !isAnotherBranch(postgres, asked)) return null;
  const again = later(asked.askedAt, ASK_AGAIN);
  if (o.now < again) return wait('still-starting', 'PostgreSQL to accept connections', again);
  return conclude('ask-leader-history', { kind: 'ask-history', upstream: source });
}
