import type {
  ClusterView,
  FailoverRequest,
  HistoryKey,
  Initialize,
  Lock,
  Member,
  Status,
  StoredConfig,
  SyncKey,
} from '../../domain/cluster-view.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { MemberName, Revision } from '../../domain/names.ts';
import { memberName, systemId } from '../../domain/names.ts';
import type { StoredPair } from '../../domain/stored-pair.ts';
import { readDynamicConfig } from '../config/dynamic.ts';
import { parseJson } from '../json.ts';
import { memberOfKey } from '../store-keys.ts';
import { readFailover } from './failover.ts';
import { readHistory } from './history.ts';
import { objectIn } from './lenient.ts';
import { readMember } from './member.ts';
import { readStatus } from './status.ts';
import { readSync } from './sync.ts';

/**
 * Read a cluster's keys as one picture. Never fails: a value that cannot be read is not known, and unknown keys are
 * somebody else's.
 * @param pairs everything below the cluster's prefix, in any order
 * @param revision the store revision at which they were read
 * @see spec/dcs.md 1.2 to 1.11
 */
export function readClusterView(pairs: readonly StoredPair[], revision: Revision): ClusterView {
  return viewOf(pairs, revision, readings);
}

/** A reader that follows one cluster: from one picture to the next it reads only the pairs that are new. */
export function clusterViewReader(): typeof readClusterView {
  const remembered: Readings = {
    config: oncePerPair(readings.config),
    member: oncePerPair(readings.member),
    status: oncePerPair(readings.status),
    history: oncePerPair(readings.history),
    lock: oncePerPair(readings.lock),
    initialize: oncePerPair(readings.initialize),
    sync: oncePerPair(readings.sync),
    failover: oncePerPair(readings.failover),
    failsafe: oncePerPair(readings.failsafe),
  };
  return (pairs, revision) => viewOf(pairs, revision, remembered);
}

/** How each value is read. */
type Readings = {
  readonly config: (pair: StoredPair) => StoredConfig;
  /** `null`: it is no member's key. */
  readonly member: (pair: StoredPair) => Member | null;
  readonly status: (pair: StoredPair) => Status;
  readonly history: (pair: StoredPair) => HistoryKey;
  readonly lock: (pair: StoredPair) => Lock;
  readonly initialize: (pair: StoredPair) => Initialize;
  readonly sync: (pair: StoredPair) => SyncKey | null;
  readonly failover: (pair: StoredPair) => FailoverRequest | null;
  readonly failsafe: (pair: StoredPair) => ReadonlyMap<MemberName, string> | null;
};

const readings: Readings = {
  config: readConfig,
  member: (pair) => {
    const name = memberOfKey(pair.key);
    return name === null ? null : readMember(name, pair);
  },
  status: ({ value }) => readStatus({ status: value, optimeLeader: null }),
  history: readHistory,
  lock: readLock,
  initialize: readInitialize,
  sync: readSync,
  failover: readFailover,
  failsafe: readFailsafe,
};

function viewOf(pairs: readonly StoredPair[], revision: Revision, read: Readings): ClusterView {
  const byKey = new Map<string, StoredPair>();
  for (const pair of pairs) byKey.set(pair.key, pair);
  const config = byKey.get('config');
  const failover = byKey.get('failover');
  const sync = byKey.get('sync');
  const failsafe = byKey.get('failsafe');
  const status = byKey.get('status');
  const optimeLeader = byKey.get('optime/leader')?.value ?? null;
  return {
    revision,
    initialize: optional(byKey.get('initialize'), read.initialize) ?? { kind: 'absent' },
    config: config === undefined ? { kind: 'absent' } : read.config(config),
    lock: optional(byKey.get('leader'), read.lock),
    members: readMembers(pairs, read),
    status: status === undefined ? readStatus({ status: null, optimeLeader }) : read.status(status),
    statusKeyRevision: status?.modRevision ?? null,
    failover: optional(failover, read.failover),
    failoverKeyRevision: failover?.modRevision ?? null,
    sync: optional(sync, read.sync),
    syncKeyRevision: sync?.modRevision ?? null,
    history: optional(byKey.get('history'), read.history) ?? { kind: 'unusable', modRevision: null },
    failsafe: optional(failsafe, read.failsafe),
    ...(failsafe !== undefined && { failsafeKeyRevision: failsafe.modRevision }),
  };
}

/** The last reading of each key stands until there is another pair: pairs are immutable, a change makes a new one. */
function oncePerPair<T>(read: (pair: StoredPair) => T): (pair: StoredPair) => T {
  const last = new Map<string, { readonly pair: StoredPair; readonly value: T }>();
  return (pair) => {
    const known = last.get(pair.key);
    if (known?.pair === pair) return known.value;
    // Keys of members that are gone add up; what is forgotten is read again.
    if (last.size >= KEYS_REMEMBERED_MAX) last.clear();
    const value = read(pair);
    last.set(pair.key, { pair, value });
    return value;
  };
}

const KEYS_REMEMBERED_MAX = 200;

function optional<T>(pair: StoredPair | undefined, read: (pair: StoredPair) => T | null): T | null {
  return pair === undefined ? null : read(pair);
}

/** Empty is not absent: somebody is bootstrapping (C-03). */
function readInitialize({ value, modRevision }: StoredPair): Initialize {
  if (value === '') return { kind: 'in-progress', modRevision };
  const id = systemId(value);
  return id === null
    ? { kind: 'invalid', text: value, modRevision }
    : { kind: 'initialized', systemId: id, modRevision };
}

function readConfig(pair: StoredPair): StoredConfig {
  const { modRevision } = pair;
  const parsed = parseJson(pair.value);
  if (parsed.kind === 'invalid') return { kind: 'invalid', modRevision, problem: parsed.problem };
  if (!isJsonObject(parsed.json)) return { kind: 'invalid', modRevision, problem: 'it is not a JSON object' };
  const { config, rejected } = readDynamicConfig(parsed.json);
  return rejected === null ? { kind: 'valid', modRevision, config } : { kind: 'valid', modRevision, config, rejected };
}

function readLock({ value, lease, createRevision, modRevision }: StoredPair): Lock {
  return { holder: memberName(value), lease, createRevision, modRevision };
}

function readMembers(pairs: readonly StoredPair[], read: Readings): readonly Member[] {
  const members: Member[] = [];
  for (const pair of pairs) {
    const member = read.member(pair);
    if (member !== null) members.push(member);
  }
  return members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function readFailsafe(pair: StoredPair): ReadonlyMap<MemberName, string> | null {
  const stored = objectIn(pair.value);
  if (stored === null) return null;
  return new Map(
    Object.entries(stored).flatMap(([name, apiUrl]) =>
      typeof apiUrl === 'string' ? [[memberName(name), apiUrl] as const] : [],
    ),
  );
}
