import { divergedFrom } from '../../domain/diverged-from.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import type { PendingRestart, PrimaryAnswer, StandbyAnswer, WalSender } from '../../domain/postgres-report.ts';
import { restartStatus } from '../../domain/published-restart.ts';
import { plainTime } from '../../domain/time-text.ts';
import { compatibilityVersion } from '../../domain/version.ts';
import { watchdogLacks } from '../../domain/watchdog-plan.ts';
import type { NodeFacts } from './node-facts.ts';

/**
 * The body of `/patroni` and of every health check, fields in Patroni's order; flags are `true` or absent
 * (spec/rest-api.md 6). Peers judge us by it in a race: without `xlog` we do not count.
 */
export function nodeStatus(snapshot: NodeSnapshot, facts: NodeFacts): JsonObject {
  const { config, postgres } = snapshot.observation;
  const { scheduledRestart: scheduled } = snapshot.memory;
  const directory = postgres?.dataDirectory;
  const systemId = directory?.kind === 'present' ? directory.control?.systemId : null;
  return withoutAbsent({
    state: facts.state,
    ...postgresStatus(snapshot, facts),
    pause: flag(facts.paused),
    cluster_unlocked: flag((facts.view?.lock ?? null) === null),
    // Always there and always a number: 0 is how Patroni says "never".
    failsafe_mode_is_active: flag(facts.failsafeActive),
    dcs_last_seen: snapshot.storeSeenAt === null ? 0 : Math.floor(snapshot.storeSeenAt / 1000),
    tags: Object.keys(facts.tags).length > 0 ? facts.tags : undefined,
    database_system_identifier: systemId ?? undefined,
    ...pendingRestartStatus(facts.answer?.pendingRestart ?? []),
    patroni: { version: compatibilityVersion, scope: config.scope, name: config.name },
    scheduled_restart: scheduled === null ? undefined : restartStatus(scheduled),
    watchdog_failed: flag(watchdogLacks(snapshot.observation) !== null),
    failsafe_unpromised: flag(facts.unpromised),
    diverged: flag(divergedFrom(snapshot.memory, facts.answer?.timeline ?? null) !== null),
  });
}

/** The body before the agent has made its first step: nothing is known, so nothing is claimed. */
export function nodeStatusBeforeFirstStep(): JsonObject {
  return { state: 'unknown', role: 'uninitialized', cluster_unlocked: true, dcs_last_seen: 0 };
}

function postgresStatus(snapshot: NodeSnapshot, facts: NodeFacts): Partials {
  const { answer } = facts;
  if (answer === null) return { role: facts.role };
  const process = snapshot.observation.postgres?.process;
  return {
    postmaster_start_time: process?.kind === 'running' ? plainTime(process.startedAt) : undefined,
    role: facts.role,
    server_version: answer.serverVersion,
    xlog: answer.kind === 'primary' ? { location: answer.flushLsn } : standbyPositions(answer, facts),
    sync_standby: flag(facts.synchronous === 'sync'),
    quorum_standby: flag(facts.synchronous === 'quorum'),
    timeline: answer.timeline,
    replication_state: facts.replicationState ?? undefined,
    replication: answer.walSenders.length > 0 ? answer.walSenders.map(walSenderStatus) : undefined,
  };
}

/** @returns nothing for a standby that knows no position at all: a node that cannot vouch for itself says no `xlog`. */
function standbyPositions(standby: StandbyAnswer, facts: NodeFacts): JsonObject | undefined {
  if (facts.receivedLsn === null) return undefined;
  return {
    received_location: facts.receivedLsn,
    replayed_location: standby.replayLsn,
    replayed_timestamp: standby.replayedAt === null ? null : plainTime(standby.replayedAt),
    paused: standby.replayPaused,
  };
}

function walSenderStatus(sender: WalSender): JsonObject {
  return {
    usename: sender.user,
    application_name: sender.applicationName,
    client_addr: sender.clientAddress,
    state: sender.state,
    sync_state: sender.syncState,
    sync_priority: sender.syncPriority,
  };
}

function pendingRestartStatus(pending: PrimaryAnswer['pendingRestart']): Partials {
  if (pending.length === 0) return {};
  const reason = (each: PendingRestart): [string, JsonObject] => [
    each.name,
    { old_value: each.oldValue, new_value: each.newValue },
  ];
  return { pending_restart: true, pending_restart_reason: Object.fromEntries(pending.map(reason)) };
}

type Partials = Readonly<Record<string, Json | undefined>>;

function flag(isOn: boolean): true | undefined {
  return isOn ? true : undefined;
}

function withoutAbsent(fields: Partials): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined));
}
