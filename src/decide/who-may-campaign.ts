import type { ClusterView, FailoverRequest, SyncKey } from '../domain/cluster-view.ts';
import { clusterTimeline } from '../domain/cluster-view.ts';
import { divergedFrom } from '../domain/diverged-from.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import { isRemoteName, isStandbyCluster } from '../domain/standby-cluster.ts';
import { sameName } from '../domain/sync-names.ts';
import { failoverPriority, mayEverLead } from '../domain/tags.ts';
import { isVetoed } from '../domain/vetoed.ts';
import { watchdogLacks } from '../domain/watchdog-plan.ts';
import { dueRequest } from './due-request.ts';
import { heldLock } from './facts.ts';
import { handOverGap } from './handed-over.ts';
import { maybeTwinOf } from './remember-parting.ts';
import { bindingKey, isElector, isManualFailoverTo } from './sync-election.ts';
import type { Candidate } from './who-wins.ts';

export type Campaign =
  | { readonly kind: 'may'; readonly candidate: Candidate; readonly request: FailoverRequest | null }
  | { readonly kind: 'may-not'; readonly because: string };

/**
 * Who may campaign for a lock that nobody holds? A member that could lead without losing more than was agreed. Whom the
 * failsafe list leaves out has to hear the others first (`failsafe-list.ts`).
 */
export function whoMayCampaign(o: Observation, m: Memory, view: ClusterView): Campaign {
  const position = ownPosition(o);
  const request = dueRequest(o, m, view);
  const isWanted = request !== null && request.candidate === o.config.name;
  if (!mayEverLead(o.config.tags)) return mayNot('this member is tagged nofailover');
  if (m.leaving !== null) return mayNot('the agent is leaving');
  if (isVetoed(o, m, o.now)) return mayNot('pre_promote said no a moment ago');
  const watchdog = unprotected(o);
  if (watchdog !== null) return mayNot(`Watchdog device is not usable: ${watchdog}`);
  if (position === null) return mayNot('my position is not known');
  if (m.yielded !== null && o.now < m.yielded.until && !isWanted) {
    return mayNot(`I gave leadership up ${m.yielded.to === null ? 'a moment ago' : `for ${m.yielded.to}`}`);
  }
  // The history is this cluster's own; its timeline is the other cluster's (spec/ha.md Y1).
  const known = isStandbyCluster(o.dynamic) ? null : clusterTimeline(view.history);
  if (known !== null && position.timeline !== null && position.timeline < known) {
    return mayNot(`my timeline ${String(position.timeline)} is behind the cluster's, ${String(known)}`);
  }
  if (known !== null && position.timeline === null && o.dynamic.checkTimeline)
    return mayNot('my timeline is not known');
  const isByHand = isManualFailoverTo(request, o.config.name);
  const parted = isByHand ? null : partedFrom(o, m, view);
  if (parted !== null) return mayNot(`what lies here has parted from ${parted}, which led last`);
  const twin = isByHand ? null : maybeTwinOf(m, o);
  if (twin !== null) return mayNot(`what was written here is not replayed yet, perhaps beside what ${twin} wrote`);
  const key = isByHand ? null : bindingKey(o, m, view);
  const unproven = key === null ? null : withoutProof(o, key, request !== null && isWanted);
  if (unproven !== null) return mayNot(unproven);
  const gap = handOverGap(o, m, view, position.lsn);
  if (gap !== null) return mayNot(`I miss ${String(gap)} bytes of what the old leader handed over`);
  const lag = isWanted || key !== null ? null : lagLimit(o, view, position.lsn);
  if (lag !== null) return mayNot(lag);
  const candidate = {
    name: o.config.name,
    timeline: position.timeline,
    position: position.lsn,
    priority: failoverPriority(o.config.tags),
    history: o.postgres?.timelineHistory ?? null,
    ...(hasPartedFromFormer(o, m) && { isParted: true as const }),
  };
  return { kind: 'may', candidate, request };
}

/**
 * The data of a source that is followed no more may lie with another member, which goes first. Where there is none, and where
 * all the others have said that theirs has parted from it, too, nobody else would ever lead.
 */
function partedFrom(o: Observation, m: Memory, view: ClusterView): MemberName | null {
  const from = divergedFrom(m, ownPosition(o)?.timeline ?? null);
  if (from === null || !hasPartedFromFormer(o, m)) return from;
  const known = [...view.members, ...(m.lastHolder?.members ?? [])].filter(({ name }) => name !== o.config.name);
  return known.some(({ name }) => !saysParted(o.peers.get(name))) ? from : null;
}

/** From another cluster, which this one has followed and does not follow any more. */
export function hasPartedFromFormer(o: Observation, m: Memory): boolean {
  const from = divergedFrom(m, ownPosition(o)?.timeline ?? null);
  return from !== null && isRemoteName(from) && !isStandbyCluster(o.dynamic);
}

function saysParted(answer: PeerAnswer | undefined): boolean {
  return answer?.kind === 'reported' && answer.isDiverged === true;
}

/** Paused, none is used; and who has the lock was asked this before. */
function unprotected(o: Observation): string | null {
  return o.dynamic.pause || heldLock(o) !== null ? null : watchdogLacks(o);
}

/**
 * In mode `on` everybody in the sync key has everything, and nobody else is known to; a quorum is heard in the race, and
 * whoever has that proof is held to no limit of lag (W12). Who is a primary without the lock was perhaps followed by another.
 */
function withoutProof(o: Observation, key: SyncKey, isWanted: boolean): string | null {
  const isPrimary = o.postgres?.server.kind === 'primary';
  if (isPrimary && !sameName(key.leader, o.config.name)) return `the sync key names ${key.leader} as its leader`;
  if (isElector(key, o.config.name)) return null;
  const mustBeIn = isWanted || o.dynamic.synchronousMode === 'on';
  return mustBeIn ? `no synchronous standby of ${key.leader}` : ownBranch(o);
}

/**
 * Who is not in the key is let in by the word of those who are: a position, and a timeline's number. Two promotions from one
 * position make two timelines of one number, so what a former primary wrote on its own does not tell that it has theirs.
 * A server that received anything since its start is none, and its WAL was compared before it did. The first timeline is
 * the only one of its number.
 */
function ownBranch(o: Observation): string | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' || server.receiveLsn !== null || server.timeline === 1) return null;
  const name = server.timeline === null ? 'its timeline' : `timeline ${String(server.timeline)}`;
  return `not in the sync key, and ${name} may be another one there: nothing was received here since the start`;
}

function ownPosition(o: Observation): { lsn: Candidate['position']; timeline: Candidate['timeline'] } | null {
  const server = o.postgres?.server;
  if (server?.kind === 'primary') return { lsn: server.flushLsn, timeline: server.timeline };
  if (server?.kind !== 'standby') return null;
  const lsn = standbyPosition(server);
  return lsn === null ? null : { lsn, timeline: server.timeline };
}

function lagLimit(o: Observation, view: ClusterView, position: Candidate['position']): string | null {
  const least = leastPosition(o, view);
  if (least === null || position >= least) return null;
  const lag = least - position + o.dynamic.maximumLagOnFailoverBytes;
  return `I lag ${String(lag)} bytes behind the last leader's position`;
}

/** Behind it `maximum_lag_on_failover` keeps a member out, if it does not have the proof; `null`: no leader told its own. */
export function leastPosition(o: Observation, view: ClusterView): bigint | null {
  const last = view.status.lastLsn;
  return last === null ? null : last - o.dynamic.maximumLagOnFailoverBytes;
}

function mayNot(because: string): Campaign {
  return { kind: 'may-not', because };
}
