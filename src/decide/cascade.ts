import { type ClusterView, type Member, memberOf } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import { replicatesFrom } from '../domain/tags.ts';
import { later } from '../domain/time.ts';
import { isHeadOfCircle } from './circle.ts';
import { isUpstream, upstreamOf } from './desired-postgres.ts';

/**
 * The member that `replicatefrom` names, while it has WAL to pass on. Whoever already follows it has patience for one
 * loop: after a failover every member is without WAL for a moment.
 */
export function cascadedFrom(o: Observation, m: Memory, view: ClusterView): Member | null {
  const named = namedIn(o, view);
  if (named?.state !== 'running') return null;
  const since = m.dryUpstreamSince;
  return since === null || (isChosen(o, m, named) && o.now < later(since, o.timings.loopWait)) ? named : null;
}

/** By what was written last: a look right after a reload may show whom it followed before, and this choice be undone. */
function isChosen(o: Observation, { applied }: Memory, member: Member): boolean {
  const address = upstreamOf(o, member);
  const chosen = applied?.standby?.upstream ?? null;
  return chosen === null ? isFollowed(o, member) : address !== null && isUpstream({ ...chosen, slot: null }, address);
}

function isFollowed(o: Observation, member: Member): boolean {
  const server = o.postgres?.server;
  const address = upstreamOf(o, member);
  return server?.kind === 'standby' && address !== null && isUpstream(server.upstream, address);
}

/**
 * Since when the member that `replicatefrom` names runs and has no WAL for this one: it gets none itself, or what comes
 * next here is not there any more, as where it was copied anew meanwhile. `null` while it has, or while nobody leads.
 */
export function rememberDryUpstream(m: Memory, o: Observation): Memory['dryUpstreamSince'] {
  const view = latestView(o);
  if (view === null) return m.dryUpstreamSince;
  const { lock } = view;
  const named = namedIn(o, view);
  if (named?.state !== 'running' || lock === null || lock.createRevision === m.released) return null;
  if (lock.holder === o.config.name || named.name === lock.holder) return null;
  const isDry = !isFed(named, memberOf(view, lock.holder)) || !passesOn(o, m, named);
  return isDry ? (m.dryUpstreamSince ?? o.now) : null;
}

/**
 * Whoever follows it sees whether anything comes. Whoever has left it for that has use for it again once it has all that
 * was there, and no more than a segment beyond: what it would ask for then is what comes next there, too. Where the leader
 * has not got it either, leaving helps nobody.
 */
function passesOn(o: Observation, m: Memory, named: Member): boolean {
  if (m.divergence.kind === 'starved') return true;
  const server = o.postgres?.server;
  if (server?.kind !== 'standby') return m.dryUpstreamSince === null;
  if (isFollowed(o, named)) return server.walReceiver?.status === 'streaming' || server.hasRestoreCommand;
  if (m.dryUpstreamSince === null) return true;
  const position = standbyPosition(server);
  if (position === null || named.position === null) return false;
  return position >= named.position && named.position >= startOfSegment(position);
}

/** A receiver asks from the start of the segment that it is in; whoever is not there yet refuses it. */
function startOfSegment(position: Lsn): bigint {
  return position - (position % WAL_SEGMENT_BYTES);
}

/** PostgreSQL's default; whoever has longer segments waits a little longer than it must. */
const WAL_SEGMENT_BYTES = 16_777_216n;

/** It streams, or reads an archive, and not on a timeline that the leader is known to have left. */
export function isFed(member: Member, leader: Member | null): boolean {
  const newest = leader?.timeline ?? null;
  const isLeft = member.timeline !== null && newest !== null && member.timeline < newest;
  return member.replicationState !== null && !isLeft;
}

function namedIn(o: Observation, view: ClusterView): Member | null {
  const { name: own, tags } = o.config;
  const name = replicatesFrom(tags);
  return name === null || isHeadOfCircle(view, { name: own, tags })
    ? null
    : (view.members.find((each) => each.name === name && each.name !== own) ?? null);
}
