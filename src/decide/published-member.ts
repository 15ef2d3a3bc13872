import type { PublishedRole } from '../domain/cluster-view.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { memberRole, memberState } from '../domain/member-state.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import { publishedRestart } from '../domain/published-restart.ts';
import { publishedTags } from '../domain/published-tags.ts';
import { agentIdentity, compatibilityVersion } from '../domain/version.ts';
import { ownApiUrl, ownConnUrl } from './own-address.ts';
import { leaseDeadline } from './store-loss.ts';

/** What this member's key should say (spec/dcs.md 1.6), in Patroni's order. Absent is absent, never `null`. */
export function publishedMember(o: Observation, m: Memory): JsonObject {
  const { postgres } = o.config;
  const tags = publishedTags(isShedding(o, m) ? { ...o.config.tags, nosync: true, sync_priority: 0 } : o.config.tags);
  const role = memberRole(o, m);
  const member: Record<string, Json> = {
    conn_url: ownConnUrl(o),
    api_url: ownApiUrl(o),
    state: memberState(o, m),
    role,
    version: compatibilityVersion,
    agent: agentIdentity,
  };
  if (postgres.proxyAddress !== null) {
    member['proxy_url'] = `postgres://${postgres.proxyAddress}/${postgres.database}`;
  }
  const hasCheckpointed = m.checkpoint.kind === 'done' && role !== 'standby_leader' && tellsTimeline(o);
  if (mayBeTakenForLeader(o, role) && !hasCheckpointed) member['checkpoint_after_promote'] = false;
  if (Object.keys(tags).length > 0) member['tags'] = tags;
  addPendingRestart(member, o);
  if (m.scheduledRestart !== null) member['scheduled_restart'] = publishedRestart(m.scheduledRestart);
  addPositions(member, o);
  if (o.dynamic.pause) member['pause'] = true;
  return member;
}

/** Whoever is about to stop is not to be waited for any more. */
function isShedding(o: Observation, m: Memory): boolean {
  return m.leaving !== null && o.dynamic.synchronousMode !== 'off' && o.postgres?.server.kind === 'standby';
}

/** The store may name this member when its proof has run out, or by the time the value arrives: whoever rewinds goes by that. */
function mayBeTakenForLeader(o: Observation, role: PublishedRole): boolean {
  return leaseDeadline(o) !== null || role === 'primary' || role === 'promoted';
}

/** A value may arrive late, and one that names no timeline be taken for one of the timeline that came next. */
function tellsTimeline(o: Observation): boolean {
  const server = o.postgres?.server;
  const isOn = (server?.kind === 'primary' || server?.kind === 'standby') && server.timeline !== null;
  return isOn && tellsPositions(o);
}

function tellsPositions({ task }: Observation): boolean {
  return task === null || task.task.kind === 'promote';
}

function addPositions(member: Record<string, Json>, o: Observation): void {
  const server = o.postgres?.server;
  if (!tellsPositions(o)) return;
  if (server?.kind === 'primary') {
    member['xlog_location'] = server.flushLsn;
    member['timeline'] = server.timeline;
  }
  if (server?.kind !== 'standby') return;
  const position = standbyPosition(server);
  if (position !== null) member['xlog_location'] = position;
  if (server.replayLsn !== null) member['replay_lsn'] = server.replayLsn;
  if (server.receiveLsn !== null) member['receive_lsn'] = server.receiveLsn;
  if (server.walReceiver?.status === 'streaming') member['replication_state'] = 'streaming';
  else if (server.hasRestoreCommand) member['replication_state'] = 'in archive recovery';
  if (server.timeline !== null) member['timeline'] = server.timeline;
}

function addPendingRestart(member: Record<string, Json>, o: Observation): void {
  const server = o.postgres?.server;
  const pending = server?.kind === 'primary' || server?.kind === 'standby' ? server.pendingRestart : [];
  if (pending.length === 0) return;
  member['pending_restart'] = true;
  member['pending_restart_reason'] = Object.fromEntries(
    pending.map((each) => [each.name, { old_value: each.oldValue, new_value: each.newValue }]),
  );
}
