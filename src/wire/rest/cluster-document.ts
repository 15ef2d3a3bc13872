import {
  type ClusterOverview,
  clusterOverview,
  type FollowerPosition,
  type MemberOverview,
} from '../../domain/cluster-overview.ts';
import type { ClusterView } from '../../domain/cluster-view.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { formatLsn } from '../../domain/lsn.ts';

/** The body of `GET /cluster` (spec/rest-api.md 10.1). */
export function clusterDocument(view: ClusterView, scope: string): JsonObject {
  const overview = clusterOverview(view);
  return {
    members: overview.members.map(memberDocument),
    ...(overview.paused ? { pause: true } : {}),
    ...scheduledSwitchover(overview),
    scope,
  };
}

function memberDocument(member: MemberOverview): JsonObject {
  const { name, role, state, apiUrl, address, timeline, positions } = member;
  const fields: [string, Json][] = [
    ['name', name],
    ['role', role],
    ['state', state],
    ['api_url', apiUrl],
  ];
  if (address !== null) fields.push(['host', address.host], ['port', address.port]);
  if (timeline !== null) fields.push(['timeline', timeline]);
  if (member.pendingRestart) fields.push(['pending_restart', true]);
  if (member.pendingRestartReason !== null) fields.push(['pending_restart_reason', member.pendingRestartReason]);
  if (member.scheduledRestart !== null) fields.push(['scheduled_restart', member.scheduledRestart]);
  if (Object.keys(member.tags).length > 0) fields.push(['tags', member.tags]);
  if (positions !== null) {
    fields.push(...positionPair('receive_', positions.receive));
    fields.push(...positionPair('replay_', positions.replay), ...positionPair('', positions.furthest));
  }
  return Object.fromEntries(fields);
}

/** An unknown position has its two fields the other way round; scripts see the same order as from Patroni. */
function positionPair(prefix: string, position: FollowerPosition): [string, Json][] {
  if (position.kind === 'unknown') {
    return [
      [`${prefix}lsn`, 'unknown'],
      [`${prefix}lag`, 'unknown'],
    ];
  }
  return [
    [`${prefix}lag`, position.lagBytes],
    [`${prefix}lsn`, formatLsn(position.lsn)],
  ];
}

function scheduledSwitchover({ scheduledSwitchover: scheduled }: ClusterOverview): JsonObject {
  if (scheduled === null) return {};
  return {
    scheduled_switchover: {
      at: scheduled.at,
      ...(scheduled.from === null ? {} : { from: scheduled.from }),
      ...(scheduled.to === null ? {} : { to: scheduled.to }),
    },
  };
}
