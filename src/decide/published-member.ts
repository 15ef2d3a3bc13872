import type { Json, JsonObject } from '../domain/json.ts';
import { memberRole, memberState } from '../domain/member-state.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import { publishedTags } from '../domain/published-tags.ts';
import { agentIdentity, compatibilityVersion } from '../domain/version.ts';
import { heldLock } from './facts.ts';

/** Fields that change all the time; a change of them alone can wait for the next loop. */
export const positionFields: ReadonlySet<string> = new Set(['xlog_location', 'replay_lsn', 'receive_lsn']);

/** What this member's key should say (spec/dcs.md 1.6), in Patroni's order. Absent is absent, never `null`. */
export function publishedMember(o: Observation, m: Memory): JsonObject {
  const { postgres, api } = o.config;
  const tags = publishedTags(o.config.tags);
  const scheme = api.tls === null ? 'http' : 'https';
  return withoutAbsent({
    conn_url: `postgres://${postgres.connectAddress}/${postgres.database}`,
    api_url: `${scheme}://${api.connectAddress}/patroni`,
    state: memberState(o, m),
    role: memberRole(o, m),
    version: compatibilityVersion,
    agent: agentIdentity,
    proxy_url: postgres.proxyAddress === null ? undefined : `postgres://${postgres.proxyAddress}/${postgres.database}`,
    checkpoint_after_promote: heldLock(o) !== null && m.checkpoint.kind !== 'done' ? false : undefined,
    tags: Object.keys(tags).length === 0 ? undefined : tags,
    ...pendingRestart(o),
    ...positions(o),
    pause: o.dynamic.pause ? true : undefined,
  });
}

function positions(o: Observation): Record<string, Json | undefined> {
  const server = o.postgres?.server;
  if (o.task !== null && o.task.task.kind !== 'promote') return {};
  if (server?.kind === 'primary') return { xlog_location: server.flushLsn, timeline: server.timeline };
  if (server?.kind !== 'standby') return {};
  const isStreaming = server.walReceiver?.status === 'streaming';
  return {
    xlog_location: standbyPosition(server) ?? undefined,
    replay_lsn: server.replayLsn ?? undefined,
    receive_lsn: server.receiveLsn ?? undefined,
    replication_state: isStreaming ? 'streaming' : server.hasRestoreCommand ? 'in archive recovery' : undefined,
    timeline: server.timeline ?? undefined,
  };
}

function pendingRestart(o: Observation): Record<string, Json | undefined> {
  const server = o.postgres?.server;
  const pending = server?.kind === 'primary' || server?.kind === 'standby' ? server.pendingRestart : [];
  if (pending.length === 0) return {};
  return {
    pending_restart: true,
    pending_restart_reason: Object.fromEntries(
      pending.map((each) => [each.name, { old_value: each.oldValue, new_value: each.newValue }]),
    ),
  };
}

function withoutAbsent(fields: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
