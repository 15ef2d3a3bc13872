import { decide } from '../../src/decide/decide.ts';
import { desiredPrimary, desiredStandby, upstreamOf } from '../../src/decide/desired-postgres.ts';
import { emptyMemory } from '../../src/decide/remember.ts';
import type { AgentConfig } from '../../src/domain/agent-config.ts';
import { type ClusterView, type Member, memberOf } from '../../src/domain/cluster-view.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { effectivePostgres } from '../../src/domain/effective-postgres.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { LeaseReport, LockReport } from '../../src/domain/lease.ts';
import type { Memory } from '../../src/domain/memory.ts';
import { memberName, revision, slotNameOf, systemId } from '../../src/domain/names.ts';
import type { Observation, StoreObservation } from '../../src/domain/observation.ts';
import type { PeerAnswer } from '../../src/domain/peer.ts';
import type {
  ControlData,
  DataDirectory,
  PostgresProcess,
  PostgresReport,
  ServerAnswer,
} from '../../src/domain/postgres-report.ts';
import { remoteReplicaMethods } from '../../src/domain/standby-cluster.ts';
import type { RunningTask } from '../../src/domain/task.ts';
import { earlier, later, millis, seconds } from '../../src/domain/time.ts';
import type { TimelineHistory } from '../../src/domain/timeline.ts';
import { readDynamicConfig } from '../../src/wire/config/dynamic.ts';
import { loadAgentConfig } from '../../src/wire/config/load.ts';
import {
  A,
  B,
  behind,
  branch,
  C,
  HEAD,
  held,
  JUST_ASKED,
  LATER_LOCK,
  LOCK,
  leaseOf,
  lockOf,
  NOW,
  peer,
  position,
  primaryAnswer,
  RUNNING,
  SYSTEM_ID,
  standbyAnswer,
  TTL,
  VIEW_REVISION,
  WALL_NOW,
} from './observed-parts.ts';

/**
 * A healthy cluster of three, seen by one of its members: `a` leads on timeline 3, `b` and `c` stream from it and have
 * everything. Tests say only what is different.
 */
export type Situation = { readonly o: Observation; readonly m: Memory };

export type Difference = {
  /** Laid over the dynamic configuration, as a person would write it. */
  readonly dynamic?: JsonObject;
  readonly tags?: JsonObject;
  /** Laid over the local `postgresql` section's effect. */
  readonly effective?: Partial<Observation['effective']>;
  readonly view?: Partial<ClusterView>;
  /** Laid over single members of the view; `null` takes one out. */
  readonly members?: Readonly<Record<string, Partial<Member> | null>>;
  readonly store?: 'unknown' | 'unsettled' | 'silent';
  readonly server?: ServerAnswer;
  readonly process?: PostgresProcess;
  readonly directory?: DirectoryChange;
  readonly control?: Partial<ControlData>;
  /** My own timeline's history, as my directory has it. */
  readonly ownBranch?: TimelineHistory;
  readonly lock?: LockReport;
  readonly lease?: Partial<LeaseReport>;
  readonly peers?: readonly PeerAnswer[];
  readonly task?: RunningTask['task'];
  readonly observation?: Partial<Observation>;
  readonly memory?: Partial<Memory>;
};

type PresentDirectory = Extract<DataDirectory, { kind: 'present' }>;
type DirectoryChange = Exclude<DataDirectory, PresentDirectory> | Partial<Omit<PresentDirectory, 'kind'>>;

/** `b`: streams from `a` and has everything. */
export function replica(difference: Difference = {}): Situation {
  return situation('b', { ...difference, server: difference.server ?? standbyAnswer() }, (o, view) => ({
    role: 'replica',
    guardianRests: true,
    divergence: { kind: 'fits', leader: A, leaderTimeline: branch(3) },
    applied: desiredStandby(
      o,
      difference.server?.kind === 'standby' && difference.server.upstream === null
        ? null
        : upstreamOf(o, memberOf(view, A)),
    ),
    slotSeen: new Map([slotNameOf(A), slotNameOf(C)].map((name) => [name, NOW] as const)),
  }));
}

/** `a`: the primary, its lock proven for most of a ttl. */
export function leader(difference: Difference = {}): Situation {
  const parts = { ...difference, server: difference.server ?? primaryAnswer(), lock: difference.lock ?? held() };
  return situation('a', parts, (o) => ({
    role: 'primary',
    reign: LOCK,
    acquired: { createRevision: LOCK, at: earlier(NOW, seconds(600)), how: 'race' },
    lockContinuity: { kind: 'mine', createRevision: LOCK, modRevision: LOCK },
    applied: desiredPrimary(o),
    slotSeen: new Map([slotNameOf(B), slotNameOf(C)].map((name) => [name, NOW] as const)),
  }));
}

/** `b`: its PostgreSQL is down after an orderly stop as a replica, and `a` leads. */
export function stopped(difference: Difference = {}): Situation {
  const parts = {
    ...difference,
    server: difference.server ?? ({ kind: 'down' } as const),
    process: difference.process ?? ({ kind: 'none' } as const),
    control: { ...stoppedReplica, ...difference.control },
    ...(difference.directory === undefined ? { directory: { signal: 'standby' } as const } : {}),
  };
  return situation('b', parts, () => ({ role: 'replica', guardianRests: true, unavailableSince: NOW }));
}

/** `b`: it was the primary before `a`, and lies here as its PostgreSQL was stopped in good order. */
export function formerPrimary(difference: Difference = {}): Situation {
  return stopped({
    ...difference,
    control: { ...stoppedPrimary, ...difference.control },
    directory: difference.directory ?? { signal: 'none' },
    memory: { role: 'demoted', ...difference.memory },
  });
}

/** `a`: it holds its lock, and its PostgreSQL has vanished. */
export function crashed(difference: Difference = {}): Situation {
  return leader({
    process: { kind: 'none' },
    server: { kind: 'down' },
    ...difference,
    memory: { crash: { since: NOW, attempts: 0 }, unavailableSince: NOW, ...difference.memory },
  });
}

/** `b`: `a` is gone with its lease and its key; `c` was asked since, and has as much as `b`. */
export function candidate(difference: Difference = {}): Situation {
  return replica({
    ...difference,
    view: { lock: null, ...difference.view },
    members: { a: null, ...difference.members },
    peers: difference.peers ?? [peer('c')],
    observation: { peersAskedAt: JUST_ASKED, ...difference.observation },
    memory: { unlockedSince: earlier(NOW, millis(300)), ...difference.memory },
  });
}

/** `b`: it has won the lock as a candidate, and `c` was asked again since. */
export function winner(difference: Difference = {}): Situation {
  return candidate({
    ...difference,
    view: { lock: lockOf('b', LATER_LOCK), ...difference.view },
    lock: difference.lock ?? held({ createRevision: LATER_LOCK }),
    memory: {
      unlockedSince: null,
      guardianRests: false,
      acquired: { createRevision: LATER_LOCK, at: earlier(NOW, millis(200)), how: 'race' },
      lockContinuity: { kind: 'mine', createRevision: LATER_LOCK, modRevision: LATER_LOCK },
      ...difference.memory,
    },
  });
}

export function decided({ o, m }: Situation): Decision {
  return decide(o, m);
}

const stoppedReplica: Partial<ControlData> = {
  state: 'shut down in recovery',
  minRecoveryEnd: HEAD,
  minRecoveryTimeline: branch(3),
};
const stoppedPrimary: Partial<ControlData> = {
  state: 'shut down',
  checkpointLsn: behind(120n),
  checkpointEnd: HEAD,
  minRecoveryEnd: null,
  minRecoveryTimeline: null,
};

function situation(
  name: string,
  difference: Difference,
  remembered: (o: Observation, view: ClusterView) => Partial<Memory>,
): Situation {
  const view = viewWith(difference);
  const o = observation(name, difference, view);
  const memory: Memory = {
    ...emptyMemory(earlier(NOW, seconds(3_600))),
    position: { lsn: HEAD, timeline: branch(3), at: NOW, movedAt: NOW },
    checkpoint: { kind: 'done' },
    lastHolder: { name: A, members: members(), seenAt: earlier(NOW, millis(300)) },
    ...remembered(o, view),
    ...difference.memory,
  };
  return { o, m: memory };
}

function observation(name: string, difference: Difference, view: ClusterView): Observation {
  const { config: dynamic } = readDynamicConfig({ ...dynamicDocument, ...difference.dynamic });
  const { effective } = effectivePostgres({
    local: {},
    dynamic: dynamic.postgresql,
    ...remoteReplicaMethods(dynamic),
  });
  const { task } = difference;
  return {
    now: NOW,
    wallNow: WALL_NOW,
    config: { ...agentConfig(name), tags: difference.tags ?? {} },
    dynamic,
    timings: { ttl: dynamic.ttl, loopWait: dynamic.loopWait, retryTimeout: dynamic.retryTimeout },
    effective: { ...effective, ...difference.effective },
    store: storeSeen(difference.store ?? 'settled', view),
    postgres: report(difference),
    postgresIsCurrent: true,
    lease: {
      at: NOW,
      lease: { id: leaseOf(name), grantedTtl: TTL, aliveUntil: later(NOW, seconds(25)) },
      lock: difference.lock ?? { kind: 'not-held' },
      guardian: 'ready',
      storeAnsweredAt: NOW,
      storeTrouble: null,
      ...difference.lease,
    },
    peers: new Map((difference.peers ?? []).map((each) => [each.member, each])),
    peersAskedAt: null,
    failsafe: null,
    leaderHistory: null,
    ownHistory: null,
    task: task === undefined ? null : { id: 7, task, since: NOW, note: null, cancelling: false },
    ...difference.observation,
  };
}

const dynamicDocument: JsonObject = {
  ttl: 30,
  loop_wait: 10,
  retry_timeout: 10,
  postgresql: { use_pg_rewind: true },
};

function storeSeen(kind: 'settled' | NonNullable<Difference['store']>, view: ClusterView): StoreObservation {
  switch (kind) {
    case 'unknown':
      return { kind };
    case 'settled':
      return { kind, view, receivedAt: NOW };
    case 'unsettled':
      return { kind, view, receivedAt: NOW, why: 'a write of mine is not in it yet' };
    case 'silent':
      return { kind, view, since: earlier(NOW, seconds(1)), reason: 'timed out' };
  }
}

function viewWith(difference: Difference): ClusterView {
  const changes = difference.members ?? {};
  const listed = members().flatMap((each) => {
    const change = changes[each.name];
    return change === null ? [] : [{ ...each, ...change }];
  });
  const modRevision = revision(10n);
  const { config } = readDynamicConfig({ ...dynamicDocument, ...difference.dynamic });
  const id = systemId(SYSTEM_ID);
  return {
    revision: VIEW_REVISION,
    initialize: id === null ? { kind: 'absent' } : { kind: 'initialized', systemId: id, modRevision },
    config: { kind: 'valid', modRevision, config },
    lock: lockOf('a', LOCK),
    members: listed,
    status: { lastLsn: HEAD, slots: new Map(), retainSlots: [] },
    failover: null,
    failoverKeyRevision: null,
    syncKeyRevision: difference.view?.sync?.modRevision ?? null,
    sync: null,
    history: {
      kind: 'lines',
      modRevision,
      lines: [{ timeline: branch(2), lsn: position('0/3000000'), reason: '', at: null, leader: A }],
    },
    failsafe: null,
    ...difference.view,
  };
}

function members(): readonly Member[] {
  return ['a', 'b', 'c'].map((name, index) => member(name, index + 1));
}

/** A member's key, as the healthy cluster has it. */
export function member(name: string, host: number): Member {
  const isLeader = name === 'a';
  return {
    name: memberName(name),
    lease: leaseOf(name),
    modRevision: revision(60n),
    agent: 'ours',
    connUrl: `postgres://10.0.0.${String(host)}:5432/postgres`,
    apiUrl: `http://10.0.0.${String(host)}:8008/patroni`,
    state: 'running',
    role: isLeader ? 'primary' : 'replica',
    version: '4.1.4',
    checkpointAfterPromote: 'done',
    tags: {},
    position: HEAD,
    receiveLsn: isLeader ? null : HEAD,
    replayLsn: isLeader ? null : HEAD,
    replicationState: isLeader ? null : 'streaming',
    timeline: branch(3),
    pause: false,
    published: {},
  };
}

function report(difference: Difference): PostgresReport {
  return {
    observedAt: NOW,
    dataDirectory: directory(difference),
    process: difference.process ?? RUNNING,
    server: difference.server ?? { kind: 'down' },
    ...(difference.ownBranch === undefined ? {} : { timelineHistory: difference.ownBranch }),
  };
}

function directory({ directory: change, control, server }: Difference): DataDirectory {
  if (change !== undefined && 'kind' in change) return change;
  return {
    kind: 'present',
    majorVersion: 17,
    control: {
      systemId: systemId(SYSTEM_ID),
      state: server?.kind === 'standby' ? 'in archive recovery' : 'in production',
      checkpointLsn: behind(1_000n),
      checkpointTimeline: branch(3),
      checkpointEnd: null,
      minRecoveryEnd: server?.kind === 'standby' ? behind(500n) : null,
      minRecoveryTimeline: server?.kind === 'standby' ? branch(3) : null,
      canRewind: true,
      ...control,
    },
    signal: server?.kind === 'standby' ? 'standby' : 'none',
    hasBackupLabel: false,
    ...change,
  };
}

function agentConfig(name: string): AgentConfig {
  const text = [
    `name: ${name}`,
    'scope: demo',
    'etcd3: {hosts: 127.0.0.1:2379}',
    'restapi: {listen: 127.0.0.1:8008}',
    'postgresql: {listen: 127.0.0.1:5432, data_dir: /data, authentication: {superuser: {username: postgres}, replication: {username: r}}}',
    'bootstrap: {dcs: {ttl: 30}}',
  ].join('\n');
  const loaded = loadAgentConfig({ files: [{ text, path: 'test.yml' }], environment: {} });
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** The same baseline in a paused cluster. */
export function paused<S>(make: (difference: Difference) => S): (difference: Difference) => S {
  return (difference) => make({ ...difference, dynamic: { ...difference.dynamic, pause: true } });
}
