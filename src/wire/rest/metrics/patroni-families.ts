import type { PostgresState } from '../../../domain/member-state.ts';
import type { NodeSnapshot } from '../../../domain/node-snapshot.ts';
import { latestView } from '../../../domain/observation.ts';
import { parseInteger } from '../../../domain/quantity.ts';
import { isTruthy, type Tags } from '../../../domain/tags.ts';
import type { WallTime } from '../../../domain/time.ts';
import { compatibilityVersion } from '../../../domain/version.ts';
import type { NodeFacts } from '../node-facts.ts';
import type { Family } from './exposition.ts';

/** Every metric of Patroni 4.1, in its order (spec/rest-api.md 11). What is not known is 0 there, so it is here. */
export function patroniFamilies(snapshot: NodeSnapshot, facts: NodeFacts): readonly Family[] {
  const { observation, storeSeenAt } = snapshot;
  const { answer } = facts;
  const primary = answer?.kind === 'primary' ? answer : null;
  const standby = answer?.kind === 'standby' ? answer : null;
  const replayedAt = standby?.replayedAt ?? null;
  const process = answer === null ? null : observation.postgres?.process;
  const view = latestView(observation);
  return [
    gauge('patroni_version', 'Patroni version that this agent is compatible with, without its dots.', versionFigures()),
    gauge('patroni_postgres_running', '1 if PostgreSQL is running, 0 otherwise.', flag(facts.state === 'running')),
    gauge(
      'patroni_postmaster_start_time',
      'When PostgreSQL was started, in seconds since 1970.',
      process?.kind === 'running' ? epoch(process.startedAt) : '0',
    ),
    gauge('patroni_primary', '1 if this node is a primary, 0 otherwise.', flag(facts.role === 'primary')),
    counter('patroni_xlog_location', 'Position in the WAL, 0 if this node is no primary.', primary?.flushLsn ?? 0),
    gauge('patroni_standby_leader', '1 if this node leads a standby cluster.', flag(facts.role === 'standby_leader')),
    gauge('patroni_replica', '1 if this node is a replica, 0 otherwise.', flag(facts.role === 'replica')),
    gauge('patroni_sync_standby', '1 if this node is a synchronous standby.', flag(facts.synchronous === 'sync')),
    gauge('patroni_quorum_standby', '1 if this node is a quorum standby.', flag(facts.synchronous === 'quorum')),
    counter('patroni_xlog_received_location', 'Position of the received WAL, 0 if no replica.', facts.receivedLsn ?? 0),
    counter('patroni_xlog_replayed_location', 'Position of the replayed WAL, 0 if no replica.', facts.replayedLsn ?? 0),
    gauge(
      'patroni_xlog_replayed_timestamp',
      'Time of the last replayed commit, in seconds since 1970; 0 if unknown.',
      replayedAt === null ? '0' : epoch(replayedAt),
    ),
    gauge('patroni_xlog_paused', '1 if the replay of WAL is paused.', flag(standby?.replayPaused === true)),
    ...replicationFamilies(facts),
    gauge('patroni_postgres_server_version', 'Version of the server, 0 if unknown.', answer?.serverVersion ?? 0),
    gauge('patroni_cluster_unlocked', '1 if nobody has the lock.', flag((facts.view?.lock ?? null) === null)),
    gauge('patroni_failsafe_mode_is_active', '1 if failsafe mode is active.', flag(facts.failsafeActive)),
    gauge('patroni_failsafe_mode_enabled', '1 if failsafe mode is on.', flag(observation.dynamic.failsafeMode)),
    gauge(
      'patroni_failsafe_member',
      '1 if the failsafe list names this node.',
      flag(view?.failsafe?.has(observation.config.name) === true),
    ),
    gauge('patroni_postgres_timeline', 'Timeline of PostgreSQL, 0 if unknown.', answer?.timeline ?? 0),
    gauge(
      'patroni_dcs_last_seen',
      'When the store was last heard, in seconds since 1970.',
      storeSeenAt === null ? 0 : Math.floor(storeSeenAt / 1000),
    ),
    gauge(
      'patroni_pending_restart',
      '1 if a setting waits for a restart.',
      flag((answer?.pendingRestart.length ?? 0) > 0),
    ),
    gauge('patroni_is_paused', '1 if the cluster is paused.', flag(facts.paused)),
    { ...gauge('patroni_postgres_state', 'State of PostgreSQL.', stateFigure(facts.state)), note: stateNote },
    gauge(
      'patroni_failover_priority',
      'Priority in a failover; 0: never leads.',
      publishedPriority(observation.config.tags),
    ),
  ];
}

/** As configured, so it may be below zero. */
function publishedPriority(tags: Tags): number {
  return isTruthy(tags['nofailover']) ? 0 : (parseInteger(tags['failover_priority']) ?? 1);
}

/** They vanish while nothing is known of the server. */
function replicationFamilies({ answer, replicationState }: NodeFacts): readonly Family[] {
  if (answer === null) return [];
  const isStreaming = replicationState === 'streaming';
  const isInArchive = replicationState === 'in archive recovery';
  return [
    gauge('patroni_postgres_streaming', '1 if PostgreSQL is streaming.', flag(isStreaming)),
    gauge('patroni_postgres_in_archive_recovery', '1 if PostgreSQL replays from an archive.', flag(isInArchive)),
  ];
}

/** Their places in this list are fixed (spec/rest-api.md 11). */
const states: readonly PostgresState[] = [
  'initializing new cluster',
  'initdb failed',
  'running custom bootstrap script',
  'custom bootstrap failed',
  'creating replica',
  'running',
  'starting',
  'starting after custom bootstrap',
  'start failed',
  'restarting',
  'restart failed',
  'stopping',
  'stopped',
  'stop failed',
  'crashed',
];

const stateNote = `Values: -1=unknown, ${states.map((state, at) => `${at}=${state}`).join(', ')}`;

/** -1 for `unknown`, which is in no list. */
function stateFigure(state: NodeFacts['state']): number {
  return states.findIndex((each) => each === state);
}

function versionFigures(): string {
  return compatibilityVersion
    .split('.')
    .map((part) => part.padStart(2, '0'))
    .join('');
}

/** Seconds with a fraction to the microsecond, as Python prints them: `1935735300.0`. */
function epoch(at: WallTime): string {
  const seconds = Math.round(at * 1000) / 1_000_000;
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds);
}

function flag(isOn: boolean): number {
  return isOn ? 1 : 0;
}

function gauge(name: string, help: string, value: string | number | bigint): Family {
  return { name, help, type: 'gauge', samples: [{ value: String(value) }] };
}

function counter(name: string, help: string, value: string | number | bigint): Family {
  return { name, help, type: 'counter', samples: [{ value: String(value) }] };
}
