import { memberOf } from '../domain/cluster-view.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { type MemberName, memberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster, remoteName, remoteSource } from '../domain/standby-cluster.ts';
import type { PostgresTask } from '../domain/task.ts';
import { upstreamOf } from './desired-postgres.ts';
import { couldWrite, heldLock, otherLeader } from './facts.ts';

/** The other cluster's primary, as something to follow, copy and rewind from; `null`: no address of one is configured. */
export function remoteUpstream(o: Observation): Upstream | null {
  const remote = remoteSource(o.dynamic);
  if (remote === null || remote.address === null) return null;
  const { host, port } = remote.address;
  // With a slot, which only a primary has, the one of several hosts is meant that is one (spec/ha.md Y2).
  const isPrimaryMeant = host.includes(',') && remote.slot !== null && o.effective.useSlots;
  return {
    member: remoteName(remote.address),
    host,
    port,
    database: o.config.postgres.database,
    applicationName: o.config.name,
    ...(isPrimaryMeant && { readWrite: true }),
  };
}

/** Is this name that of the remote source, and not of a member? */
export function isRemote(o: Observation, name: string): boolean {
  return remoteUpstream(o)?.member === name;
}

/**
 * Whom may a standby follow that is started, perhaps after a stop? Both may take long. In a standby cluster the members,
 * also the one that leads, may be copied anew meanwhile: none is followed before it was asked again.
 */
export function whileStarting(o: Observation, upstream: Upstream | null): Upstream | null {
  return upstream !== null && isStandbyCluster(o.dynamic) && !isRemote(o, upstream.member) ? null : upstream;
}

/** I hold the lock of a standby cluster: I follow the remote, and the other members follow me. */
export function leadsStandbyCluster(o: Observation): boolean {
  return isStandbyCluster(o.dynamic) && heldLock(o) !== null;
}

/**
 * I hold the lock of a standby cluster, and what lies here is no part of the remote's history. Positions on the two say
 * nothing of each other: what was told of this one is no measure for whoever is rewound or copied.
 */
export function leadsOnParted(o: Observation, { divergence }: Memory): boolean {
  return leadsStandbyCluster(o) && (divergence.kind === 'diverged' || divergence.kind === 'rewind-failed');
}

/** Nothing can be written here and nobody may promote: there is nothing that a guardian would have to fence. */
export function needsNoGuardian(o: Observation, m: Memory): boolean {
  return isStandbyCluster(o.dynamic) && o.postgres !== null && !couldWrite(o, m) && !makesPrimary(o.task?.task ?? null);
}

/** Begun before the cluster was made to follow, it may be done before it is cancelled. */
function makesPrimary(task: PostgresTask | null): boolean {
  if (task?.kind === 'start' || task?.kind === 'restart') return task.desired.standby === null;
  return task?.kind === 'promote' || task?.kind === 'bootstrap';
}

/**
 * With whom is what lies here compared? With the leader; in a standby cluster with its leader, which receives from the
 * remote what all have, and with the remote itself, which alone can say that something here is no part of its history.
 */
export function comparable(o: Observation, m: Memory): readonly { readonly name: MemberName; readonly at: Upstream }[] {
  const leader = otherLeader(o, m);
  const view = latestView(o);
  const ofLeader = leader === null || view === null ? null : upstreamOf(o, memberOf(view, leader.name));
  const remote = remoteUpstream(o);
  return [
    ...(leader === null || ofLeader === null ? [] : [{ name: leader.name, at: ofLeader }]),
    ...(remote === null ? [] : [{ name: memberName(remote.member), at: remote }]),
  ];
}
