import type { ClusterView, Initialize, Lock, Member, StoredConfig } from '../../domain/cluster-view.ts';
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
  const byKey = new Map<string, StoredPair>(pairs.map((pair) => [pair.key, pair]));
  const failover = byKey.get('failover');
  return {
    revision,
    initialize: readInitialize(byKey.get('initialize')),
    config: readConfig(byKey.get('config')),
    lock: readLock(byKey.get('leader')),
    members: readMembers(pairs),
    status: readStatus({
      status: byKey.get('status')?.value ?? null,
      optimeLeader: byKey.get('optime/leader')?.value ?? null,
    }),
    failover: failover === undefined ? null : readFailover(failover),
    failoverKeyRevision: failover?.modRevision ?? null,
    sync: optional(byKey.get('sync'), readSync),
    history: optional(byKey.get('history'), readHistory) ?? { kind: 'unusable', modRevision: null },
    failsafe: optional(byKey.get('failsafe'), readFailsafe),
  };
}

function optional<T>(pair: StoredPair | undefined, read: (pair: StoredPair) => T | null): T | null {
  return pair === undefined ? null : read(pair);
}

/** Empty is not absent: somebody is bootstrapping (C-03). */
function readInitialize(pair: StoredPair | undefined): Initialize {
  if (pair === undefined) return { kind: 'absent' };
  const { value, modRevision } = pair;
  if (value === '') return { kind: 'in-progress', modRevision };
  const id = systemId(value);
  return id === null
    ? { kind: 'invalid', text: value, modRevision }
    : { kind: 'initialized', systemId: id, modRevision };
}

function readConfig(pair: StoredPair | undefined): StoredConfig {
  if (pair === undefined) return { kind: 'absent' };
  const { modRevision } = pair;
  const parsed = parseJson(pair.value);
  if (parsed.kind === 'invalid') return { kind: 'invalid', modRevision, problem: parsed.problem };
  if (!isJsonObject(parsed.json)) return { kind: 'invalid', modRevision, problem: 'it is not a JSON object' };
  const { config, rejected } = readDynamicConfig(parsed.json);
  return rejected === null ? { kind: 'valid', modRevision, config } : { kind: 'valid', modRevision, config, rejected };
}

function readLock(pair: StoredPair | undefined): Lock | null {
  if (pair === undefined) return null;
  const { value, lease, createRevision, modRevision } = pair;
  return { holder: memberName(value), lease, createRevision, modRevision };
}

function readMembers(pairs: readonly StoredPair[]): readonly Member[] {
  return pairs
    .flatMap((pair) => {
      const name = memberOfKey(pair.key);
      return name === null ? [] : [readMember(name, pair)];
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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
