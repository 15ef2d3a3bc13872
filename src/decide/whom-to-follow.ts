import { type Member, memberOf } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { type CurrentUpstream, isOnOldWal, type StandbyAnswer } from '../domain/postgres-report.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { neverStreams } from '../domain/tags.ts';
import { later, millis } from '../domain/time.ts';
import { cascadedFrom } from './cascade.ts';
import { conclude, run, wait } from './conclude.ts';
import { copySlots } from './copy-slots.ts';
import { desiredStandby, isUpstream, upstreamOf } from './desired-postgres.ts';
import { controlData, otherLeader } from './facts.ts';
import { raiseParameters, raiseUntilCompared } from './raise-parameters.ts';
import { isRemediable, rewoundAgainAt, staysParted } from './remedy.ts';
import { remoteUpstream } from './remote-source.ts';
import { restartToFollow } from './restart-to-follow.ts';

/** Recovery that takes its time is left alone for so long before anything is done about it. */
export const RECOVERY_PATIENCE = millis(15_000);
/** How often a standby that does not stream asks whether it still fits. */
export const ASK_AGAIN = millis(2_000);
/** How often the receiver is made to try again. */
const WAKE_AGAIN = millis(1_000);
/** How soon a leader that did not answer is asked again by a standby that wants to follow it. */
const ASK_BEFORE_FOLLOWING = millis(200);

/** Another member leads and PostgreSQL here runs as a standby: whom does it follow? */
export function whomToFollow(o: Observation, m: Memory): Decision | null {
  const leader = otherLeader(o, m);
  const server = o.postgres?.server;
  if (leader === null || server?.kind !== 'standby' || isStandbyCluster(o.dynamic)) return null;
  // Nobody to rewind from, or to copy: stopped, it would be started again at once.
  const noAddress = wait('leader-without-address', `the member key of ${leader.name}`);
  const isReachable = upstreamOf(o, leader.member) !== null;
  if (m.divergence.kind === 'diverged' || m.divergence.kind === 'rewind-failed')
    return isReachable ? stopToRewind(o, m) : noAddress;
  const lacking = starvation(o, m);
  if (lacking !== null && o.effective.removeDataOnDivergedTimelines)
    return isReachable ? stopToCopy(o, lacking) : noAddress;
  const wanted = wantedUpstream(o, m);
  if (wanted === null && !neverStreams(o.config.tags)) return noAddress;
  const current = server.upstream;
  if (!isUpstream(current, wanted)) {
    const unproven = mayBeAnotherBranch(o, m, leader.member);
    if (unproven === null) return changeUpstream(o, current, wanted);
    return leaveFormer(o, m, leader.name) ?? raiseUntilCompared(o, unproven);
  }
  return (
    raiseParameters(o, wanted) ??
    checkHistory(o, leader.member) ??
    restartToFollow(o, m, wanted) ??
    starved(lacking) ??
    // A reload asks for another look: where looks take long it is due with each of them.
    wakeReceiver(o, m, leader.member) ??
    copySlots(o, m, wanted) ??
    conclude('follow', { kind: 'stay' }, { leader: leader.name })
  );
}

export function changeUpstream(o: Observation, current: CurrentUpstream | null, wanted: Upstream | null): Decision {
  return conclude(
    'change-upstream',
    { kind: 'reconfigure', desired: desiredStandby(o, wanted) },
    { from: current === null ? null : addressText(current), to: wanted?.member ?? null },
  );
}

function addressText({ host, port }: CurrentUpstream): string {
  return `${host}:${String(port)}`;
}

/**
 * Whom it followed leads no more, and may be on a branch that has the number of the next leader's, or be copied from one
 * meanwhile. PostgreSQL's receiver connects to it again by itself, so what lies here is compared when nothing more arrives.
 */
function leaveFormer(o: Observation, m: Memory, leader: MemberName): Decision | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' || !leavesUpstream(o, m, server)) return null;
  const isTold = server.upstream === null && m.applied?.standby?.upstream === null;
  return isTold
    ? wait('follow-nobody', 'PostgreSQL to end its receiver, which it does once replay is not paused')
    : followNobody(o, server.upstream, `${leader} leads now`);
}

/** Its receiver is connected to somebody whom it is not to follow, or may be at any moment. */
export function leavesUpstream(o: Observation, m: Memory, server: StandbyAnswer): boolean {
  if (otherLeader(o, m) === null || isStandbyCluster(o.dynamic)) return false;
  if (isUpstream(server.upstream, wantedUpstream(o, m))) return false;
  return server.upstream !== null || server.walReceiver !== null;
}

function followNobody(o: Observation, from: CurrentUpstream | null, why: string | null): Decision {
  const desired = desiredStandby(o, null);
  const facts = { from: from === null ? null : addressText(from), why };
  return conclude('follow-nobody', { kind: 'reconfigure', desired }, facts);
}

/**
 * PostgreSQL's receiver goes by a timeline's number: whether the leader's is the same branch is asked before anything
 * is received from it.
 */
export function mayBeAnotherBranch(o: Observation, m: Memory, leader: Member | null): Decision | null {
  const upstream = upstreamOf(o, leader);
  // Whoever lacks only the WAL that comes next is on the same branch.
  if (upstream === null || m.divergence.kind === 'fits' || m.divergence.kind === 'starved') return null;
  const asked = o.leaderHistory;
  const server = o.postgres?.server;
  // It receives nothing anyway before it has replayed what lies here, which `recovery_min_apply_delay` makes take hours.
  const replays = asked?.kind === 'known' && server?.kind === 'standby' && server.isReplaying === true;
  const span = replays || (server !== undefined && isOnOldWal(server)) ? ASK_AGAIN : ASK_BEFORE_FOLLOWING;
  if (asked !== null && asked.member === leader?.name && o.now < later(asked.askedAt, span)) {
    return wait('ask-leader-history', `an answer of ${upstream.member}`, later(asked.askedAt, span));
  }
  return conclude('ask-leader-history', { kind: 'ask-history', upstream });
}

/**
 * The upstream that this member should have: the one named by `replicatefrom` while it has WAL to pass on,
 * else the leader; nobody for a member that never streams. Where no other member leads a standby cluster, the remote.
 */
export function wantedUpstream(o: Observation, m: Memory): Upstream | null {
  const leader = otherLeader(o, m);
  const view = latestView(o);
  if (neverStreams(o.config.tags)) return null;
  if (leader === null) return remoteUpstream(o);
  if (view === null || isLeftAlone(o, m)) return null;
  return upstreamOf(o, cascadedFrom(o, m, view)) ?? upstreamOf(o, memberOf(view, leader.name));
}

/**
 * A standby that has parted from its leader, and waits for a person or the end of a pause, follows nobody: the leader's
 * branch may have the number of the one here, and PostgreSQL's receiver would take its WAL for what comes next.
 */
export function isLeftAlone(o: Observation, m: Memory): boolean {
  return o.postgres?.server.kind === 'standby' && !isStandbyCluster(o.dynamic) && staysParted(o, m.divergence);
}

/**
 * What was rewound is consistent once it has all WAL that its source had then. In a standby cluster that was the remote,
 * and the leader, whom it follows afterwards, may have been copied since and not have it; else it was the leader, and whom
 * `replicatefrom` names may not have it, or not any more. The leader can also be asked whether it has.
 */
export function upstreamUntilConsistent(o: Observation, m: Memory): Upstream | null {
  const wanted = wantedUpstream(o, m);
  if (wanted === null) return null;
  if (isStandbyCluster(o.dynamic)) return needsItsSource(o, m) ? remoteUpstream(o) : wanted;
  const leader = upstreamOf(o, otherLeader(o, m)?.member ?? null);
  return needsItsSource(o, m) || startsForLong(o, m) ? (leader ?? wanted) : wanted;
}

/**
 * May this lack WAL, until it is consistent, that only its source has? So it is with what was rewound; and perhaps with what
 * an agent before this one has rewound or copied, and a server has begun to start.
 */
export function needsItsSource(o: Observation, { rewound }: Memory): boolean {
  return rewound ?? controlData(o)?.beforeBackupEnd === true;
}

export function startsForLong({ now }: Observation, { unavailableSince }: Memory): boolean {
  return unavailableSince !== null && now >= later(unavailableSince, RECOVERY_PATIENCE);
}

/**
 * In a synchronous mode commits wait for this standby: where its leader is back, PostgreSQL does not wait for the rest of
 * `wal_retrieve_retry_interval`. A reload makes its receiver try at once.
 */
function wakeReceiver(o: Observation, m: Memory, leader: Member | null): Decision | null {
  const server = o.postgres?.server;
  if (o.dynamic.synchronousMode === 'off' || server?.kind !== 'standby' || server.walReceiver !== null) return null;
  const isBack = leader?.role === 'primary' && leader.state === 'running' && m.divergence.kind === 'fits';
  const isDue = m.receiverWokenAt === null || o.now >= later(m.receiverWokenAt, WAKE_AGAIN);
  if (!isBack || !isDue || m.applied === null || m.applied.standby === null) return null;
  return conclude('wake-receiver', { kind: 'reconfigure', desired: m.applied }, { leader: leader.name });
}

/**
 * A standby that does not stream may have replayed past the point where the leader's branch began. The leader itself
 * knows, whomever this member follows.
 */
function checkHistory(o: Observation, leader: Member | null): Decision | null {
  const server = o.postgres?.server;
  const upstream = upstreamOf(o, leader);
  if (upstream === null || leader?.role !== 'primary') return null;
  if (server?.kind === 'standby' && server.walReceiver?.status === 'streaming') return null;
  const asked = o.leaderHistory;
  if (asked !== null && asked.member === upstream.member && o.now < later(asked.askedAt, ASK_AGAIN)) return null;
  return conclude('ask-leader-history', { kind: 'ask-history', upstream });
}

/**
 * Why it cannot go on, as far as it still looks so: somebody may have given it an archive, or it streams again. Else it
 * goes on serving what it has, and is asked about again: a new leader may still have its WAL.
 */
export function starvation(o: Observation, m: Memory): string | null {
  const server = o.postgres?.server;
  if (m.divergence.kind !== 'starved' || server?.kind !== 'standby' || neverStreams(o.config.tags)) return null;
  return server.walReceiver === null && !server.hasRestoreCommand ? m.divergence.why : null;
}

export function starved(why: string | null): Decision | null {
  if (why === null) return null;
  return wait('starved-needs-operator', 'a person: reinitialize this member, or give it an archive', null, { why });
}

export function stopToCopy(o: Observation, why: string): Decision {
  const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: o.timings.retryTimeout } as const;
  return run('stop-to-copy', stop, { why });
}

/**
 * Only a stopped directory can be rewound or replaced; if neither is possible it goes on serving what it has, and follows
 * nobody.
 */
export function stopToRewind(o: Observation, m: Memory): Decision {
  const why = 'why' in m.divergence ? m.divergence.why : null;
  const server = o.postgres?.server;
  if (server?.kind === 'standby' && server.upstream !== null && isLeftAlone(o, m))
    return followNobody(o, server.upstream, why);
  if (!isRemediable(o, m.divergence))
    return wait('diverged-needs-operator', 'a person: reinitialize this member', rewoundAgainAt(o, m.divergence), {
      why,
    });
  const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: o.timings.retryTimeout } as const;
  return run('stop-to-rewind', stop, { why });
}
