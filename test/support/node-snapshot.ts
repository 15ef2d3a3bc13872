import { emptyMemory } from '../../src/decide/remember.ts';
import type { ClusterView } from '../../src/domain/cluster-view.ts';
import { effectivePostgres } from '../../src/domain/effective-postgres.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import type { LockReport } from '../../src/domain/lease.ts';
import { type Lsn, lsn } from '../../src/domain/lsn.ts';
import type { Memory } from '../../src/domain/memory.ts';
import { leaseId, revision, storeKey, systemId } from '../../src/domain/names.ts';
import type { NodeSnapshot } from '../../src/domain/node-snapshot.ts';
import type { Observation } from '../../src/domain/observation.ts';
import type { PostgresReport, PrimaryAnswer, StandbyAnswer } from '../../src/domain/postgres-report.ts';
import type { RuleName } from '../../src/domain/rule.ts';
import { instant, later, millis, wallTime } from '../../src/domain/time.ts';
import { type Timeline, timeline } from '../../src/domain/timeline.ts';
import { readDynamicConfig } from '../../src/wire/config/dynamic.ts';
import { loadAgentConfig } from '../../src/wire/config/load.ts';
import { readClusterView } from '../../src/wire/dcs/cluster-view.ts';

/** Everything a snapshot is made at, and asked at, unless a test says otherwise. */
export const NOW = instant(1_000_000);
export const WALL_NOW = wallTime(Date.UTC(2031, 4, 4, 9, 0, 0));
/** Where the leader of the fixture is. */
export const LEADER_LSN = 83_886_176n;

export type SnapshotChange = {
  readonly tags?: JsonObject;
  /** Laid over the dynamic configuration. */
  readonly dynamic?: JsonObject;
  /** Keys of the store laid over those of the cluster; `null` removes one. */
  readonly keys?: Readonly<Record<string, Json>>;
  readonly lock?: LockReport;
  readonly server?: PostgresReport['server'];
  readonly process?: PostgresReport['process'];
  readonly memory?: Partial<Memory>;
  readonly observation?: Partial<Observation>;
  readonly snapshot?: Partial<NodeSnapshot>;
};

/** `n1` of a healthy cluster of three: it holds the lock for 5 s more and runs as a primary on timeline 4. */
export function leaderSnapshot(change: SnapshotChange = {}): NodeSnapshot {
  return snapshotOf('n1', {
    server: primaryAnswer(),
    lock: { kind: 'held', createRevision: revision(7n), deadline: later(NOW, millis(5_000)) },
    ...change,
    memory: { role: 'primary', ...change.memory },
  });
}

/** `n2` of the same cluster: it streams and has everything. */
export function replicaSnapshot(change: SnapshotChange = {}): NodeSnapshot {
  return snapshotOf('n2', { server: standbyAnswer(), ...change, memory: { role: 'replica', ...change.memory } });
}

/** The store stopped answering and nothing was heard since. */
export const withoutView: Partial<Observation> = {
  store: { kind: 'silent', view: null, since: NOW, reason: 'timeout' },
};

export function primaryAnswer(change: Partial<PrimaryAnswer> = {}): PrimaryAnswer {
  return {
    kind: 'primary',
    serverVersion: 170_002,
    timeline: timelineOf(4),
    flushLsn: lsnOf(LEADER_LSN),
    walSenders: [],
    slots: [],
    pendingRestart: [],
    ...change,
  };
}

export function standbyAnswer(change: Partial<StandbyAnswer> = {}): StandbyAnswer {
  return {
    kind: 'standby',
    serverVersion: 170_002,
    timeline: timelineOf(4),
    receiveLsn: lsnOf(LEADER_LSN),
    replayLsn: lsnOf(LEADER_LSN),
    replayPaused: false,
    replayedAt: null,
    walReceiver: { status: 'streaming', timeline: timelineOf(4), latestEndLsn: lsnOf(LEADER_LSN) },
    upstream: null,
    hasRestoreCommand: false,
    walSenders: [],
    slots: [],
    pendingRestart: [],
    ...change,
  };
}

/** The keys of the cluster `demo` as agents write them, `n1` leading. */
export function clusterView(keys: Readonly<Record<string, Json>> = {}): ClusterView {
  return readClusterView(
    Object.entries(clusterKeys(keys)).map(([key, value]) => ({
      key: storeKey(key),
      value: typeof value === 'string' ? value : JSON.stringify(value),
      lease: leaseId('1'),
      createRevision: revision(7n),
      modRevision: revision(8n),
    })),
    revision(20n),
  );
}

/** The same as single keys and their values. */
export function clusterKeys(keys: Readonly<Record<string, Json>> = {}): Readonly<Record<string, Json>> {
  const member = (host: string, more: JsonObject): JsonObject => ({
    conn_url: `postgres://10.0.0.${host}:5432/postgres`,
    api_url: `http://10.0.0.${host}:8008/patroni`,
    state: 'running',
    version: '4.1.4',
    xlog_location: Number(LEADER_LSN),
    timeline: 4,
    ...more,
  });
  const standby = { role: 'replica', replication_state: 'streaming', replay_lsn: 83_886_176, receive_lsn: 83_886_176 };
  const all: Readonly<Record<string, Json>> = {
    initialize: '7400000000000000001',
    config: { ttl: 30, loop_wait: 10, retry_timeout: 10 },
    leader: 'n1',
    'members/n1': member('1', { role: 'primary' }),
    'members/n2': member('2', standby),
    'members/n3': member('3', standby),
    status: { optime: Number(LEADER_LSN) },
    ...keys,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

export function lsnOf(bytes: bigint): Lsn {
  const position = lsn(bytes);
  if (position === null) throw new Error(`${bytes} is no position`);
  return position;
}

function timelineOf(number: number): Timeline {
  const found = timeline(number);
  if (found === null) throw new Error(`${number} is no timeline`);
  return found;
}

function snapshotOf(name: string, change: SnapshotChange): NodeSnapshot {
  const { config: dynamic } = readDynamicConfig({ ttl: 30, loop_wait: 10, retry_timeout: 10, ...change.dynamic });
  const config = agentConfig(name);
  return {
    observation: {
      now: NOW,
      wallNow: WALL_NOW,
      config: { ...config, tags: change.tags ?? {} },
      dynamic,
      timings: dynamic,
      effective: effectivePostgres({ local: {}, dynamic: {} }).effective,
      store: { kind: 'settled', view: clusterView(change.keys), receivedAt: NOW },
      postgres: postgresReport(change),
      postgresIsCurrent: true,
      lease: {
        at: NOW,
        lease: { id: leaseId('1'), grantedTtl: millis(30_000), aliveUntil: later(NOW, millis(5_000)) },
        lock: change.lock ?? { kind: 'not-held' },
        guardian: 'ready',
        storeAnsweredAt: NOW,
        storeTrouble: null,
      },
      peers: new Map(),
      peersAskedAt: null,
      failsafe: null,
      leaderHistory: null,
      ownHistory: null,
      task: null,
      ...change.observation,
    },
    memory: { ...emptyMemory(NOW), ...change.memory },
    decision: { rule: 'stay' as RuleName, action: { kind: 'stay' }, facts: {}, refused: [] },
    decidedAt: WALL_NOW,
    nextStepDue: later(NOW, millis(10_000)),
    storeSeenAt: WALL_NOW,
    ...change.snapshot,
  };
}

function postgresReport(change: SnapshotChange): PostgresReport {
  return {
    observedAt: NOW,
    dataDirectory: {
      kind: 'present',
      majorVersion: 17,
      control: {
        systemId: systemId('7400000000000000001'),
        state: 'in production',
        checkpointLsn: lsnOf(LEADER_LSN),
        checkpointTimeline: timelineOf(4),
        checkpointEnd: null,
        minRecoveryEnd: null,
        minRecoveryTimeline: null,
        canRewind: true,
      },
      signal: 'none',
      hasBackupLabel: false,
    },
    process: change.process ?? { kind: 'running', pid: 100, startedAt: wallTime(Date.UTC(2031, 4, 4, 8, 15, 0, 120)) },
    server: change.server ?? { kind: 'down' },
  };
}

function agentConfig(name: string) {
  const text = [
    `name: ${name}`,
    'scope: demo',
    'etcd3: {hosts: 127.0.0.1:2379}',
    'restapi: {listen: 127.0.0.1:8008}',
    'postgresql: {listen: 127.0.0.1:5432, data_dir: /data, authentication: {superuser: {username: postgres}, replication: {username: r}}}',
  ].join('\n');
  const loaded = loadAgentConfig({ files: [{ text, path: 'test.yml' }], environment: {} });
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}
