import { type ClusterView, type Lock, type Member, memberOf } from '../domain/cluster-view.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { replicatesFrom } from '../domain/tags.ts';
import { later } from '../domain/time.ts';
import { isUpstream, upstreamOf } from './desired-postgres.ts';

/**
 * The member that `replicatefrom` names, while it has WAL to pass on. Whoever already follows it has patience for one
 * loop: after a failover every member is without WAL for a moment.
 */
export function cascadedFrom(o: Observation, m: Memory, view: ClusterView): Member | null {
  const named = namedIn(o, view);
  if (named?.state !== 'running') return null;
  const since = m.dryUpstreamSince;
  return since === null || (isFollowed(o, named) && o.now < later(since, o.timings.loopWait)) ? named : null;
}

function isFollowed(o: Observation, member: Member): boolean {
  const server = o.postgres?.server;
  const address = upstreamOf(o, member);
  return server?.kind === 'standby' && address !== null && isUpstream(server.upstream, address);
}

/** Since when the member that `replicatefrom` names runs and gets no WAL; `null` while it does, or while nobody leads. */
export function rememberDryUpstream(
  m: Memory,
  o: Observation,
  lock: Lock | null,
  view: ClusterView,
): Memory['dryUpstreamSince'] {
  const named = namedIn(o, view);
  if (named === null || lock === null || lock.holder === o.config.name || named.name === lock.holder) return null;
  return named.state === 'running' && !isFed(named, memberOf(view, lock.holder)) ? (m.dryUpstreamSince ?? o.now) : null;
}

/** It streams, or reads an archive, and not on a timeline that the leader is known to have left. */
export function isFed(member: Member, leader: Member | null): boolean {
  const newest = leader?.timeline ?? null;
  const isLeft = member.timeline !== null && newest !== null && member.timeline < newest;
  return member.replicationState !== null && !isLeft;
}

function namedIn(o: Observation, view: ClusterView): Member | null {
  const name = replicatesFrom(o.config.tags);
  return name === null
    ? null
    : (view.members.find((each) => each.name === name && each.name !== o.config.name) ?? null);
}
