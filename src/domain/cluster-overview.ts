import type { ClusterView, Lock, Member, Schedule } from './cluster-view.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { type Lsn, lagBytes } from './lsn.ts';
import type { MemberName } from './names.ts';
import { isStandbyCluster, synchronousModeInForce } from './standby-cluster.ts';
import type { Tags } from './tags.ts';
import type { Timeline } from './timeline.ts';

/** A cluster as people look at it: `GET /cluster` and `list` print this and nothing else. */
export type ClusterOverview = {
  /** Sorted by name. */
  readonly members: readonly MemberOverview[];
  readonly paused: boolean;
  readonly scheduledSwitchover: ScheduledSwitchover | null;
};

export type MemberOverview = {
  readonly name: MemberName;
  readonly role: RoleInCluster;
  /** Empty when the member published none. */
  readonly state: string;
  readonly apiUrl: string | null;
  /** From the connection URL; `null` when none was published. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly timeline: Timeline | null;
  readonly pendingRestart: boolean;
  /** Setting → `{old_value, new_value}`, as published. */
  readonly pendingRestartReason: JsonObject | null;
  readonly scheduledRestart: JsonObject | null;
  readonly tags: Tags;
  /** `null` for the lock's holder: the others are behind it, it is behind nobody. */
  readonly positions: FollowerPositions | null;
};

export type RoleInCluster = 'leader' | 'standby_leader' | 'sync_standby' | 'quorum_standby' | 'replica';

export type FollowerPositions = {
  readonly receive: FollowerPosition;
  readonly replay: FollowerPosition;
  /** The further of the two, the only one that agents older than 4.1 publish. */
  readonly furthest: FollowerPosition;
};

export type FollowerPosition =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly lsn: Lsn; readonly lagBytes: bigint };

export type ScheduledSwitchover = {
  /** ISO 8601 as requested. */
  readonly at: string;
  readonly from: MemberName | null;
  readonly to: MemberName | null;
};

/** @see spec/rest-api.md 10.1, spec/ctl.md 7 */
export function clusterOverview(view: ClusterView): ClusterOverview {
  return {
    members: view.members.map((member) => memberOverview(view, member)).sort(byName),
    paused: view.config.kind === 'valid' && view.config.config.pause,
    scheduledSwitchover: scheduledSwitchover(view),
  };
}

function memberOverview(view: ClusterView, member: Member): MemberOverview {
  const { published } = member;
  const role = roleInCluster(view, member.name);
  return {
    name: member.name,
    role,
    state: stateShown(member, role),
    apiUrl: member.apiUrl,
    address: member.connUrl === null ? null : addressOf(member.connUrl),
    timeline: member.timeline,
    pendingRestart: published['pending_restart'] === true,
    pendingRestartReason: objectOrNull(published['pending_restart_reason']),
    scheduledRestart: objectOrNull(published['scheduled_restart']),
    tags: member.tags,
    positions: view.lock?.holder === member.name ? null : positionsOf(member, view.status.lastLsn),
  };
}

/** How far the holder of the lock is ahead is judged by what it last wrote, not by what it is at now. */
function positionsOf(member: Member, leaderLsn: Lsn | null): FollowerPositions {
  const behind = (position: Lsn | null): FollowerPosition => {
    // A member that has nothing publishes 0, which is no position of a running PostgreSQL.
    if (position === null || position === 0n) return { kind: 'unknown' };
    // Patroni's tools count from 0 when nobody has published: no lag. Scripts compare numbers here.
    const lag = leaderLsn === null ? 0n : lagBytes({ ahead: leaderLsn, behind: position });
    return { kind: 'known', lsn: position, lagBytes: lag };
  };
  return { receive: behind(member.receiveLsn), replay: behind(member.replayLsn), furthest: behind(member.position) };
}

function roleInCluster(view: ClusterView, name: MemberName): RoleInCluster {
  const dynamic = view.config.kind === 'valid' ? view.config.config : null;
  if (isHolder(view.lock, name)) {
    return dynamic !== null && isStandbyCluster(dynamic) ? 'standby_leader' : 'leader';
  }
  const mode = dynamic === null ? 'off' : synchronousModeInForce(dynamic);
  if (mode === 'off' || !isSynchronousMember(view, name)) return 'replica';
  return mode === 'quorum' ? 'quorum_standby' : 'sync_standby';
}

function isHolder(lock: Lock | null, name: MemberName): boolean {
  return lock?.holder === name;
}

/** Is the name among the standbys of the sync key? Compared without case, as PostgreSQL compares application names. */
export function isSynchronousMember(view: ClusterView, name: MemberName): boolean {
  return view.sync?.voters.some((voter) => voter.toLowerCase() === name.toLowerCase()) ?? false;
}

function stateShown(member: Member, role: RoleInCluster): string {
  if (role !== 'leader' && member.replicationState !== null) return member.replicationState;
  // "unknown" is what a view calls a member without a state; here such a member has no text at all.
  return typeof member.published['state'] === 'string' ? member.state : '';
}

function scheduledSwitchover(view: ClusterView): ScheduledSwitchover | null {
  const { failover } = view;
  const at = failover === null ? null : scheduleText(failover.schedule);
  return failover === null || at === null ? null : { at, from: failover.leader, to: failover.candidate };
}

function scheduleText(schedule: Schedule): string | null {
  return schedule.kind === 'at' ? schedule.text : null;
}

/** Host and port of a connection URL; 5432 when it has none. */
function addressOf(url: string): { readonly host: string; readonly port: number } | null {
  const match = /^postgres(?:ql)?:\/\/(?:[^@/]*@)?(?:\[([^\]]+)\]|([^:/?#]+))(?::(\d+))?/.exec(url);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return null;
  return { host, port: match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]) };
}

const DEFAULT_PORT = 5432;

function objectOrNull(json: Json | undefined): JsonObject | null {
  return isJsonObject(json) ? json : null;
}

/** By code point, as Python sorts. */
function byName(a: MemberOverview, b: MemberOverview): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
