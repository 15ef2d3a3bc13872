import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { type StoreKey, storeKey } from '../../domain/names.ts';
import { parseJson } from '../../wire/json.ts';
import type { SimNode } from '../node/sim-node.ts';
import { relation, type WalBranch } from '../postgres/wal-branch.ts';
import type { World } from './world.ts';

/**
 * Is the synchronous set what the configuration asks for (spec/ha.md V6)? As many voters as are wanted and stream, and
 * commits wait for that many; nothing of it is left over once the mode is off.
 */
export function syncIsWhole(world: World): boolean {
  const config = valueOf(world, storeKey('config'));
  const mode = config['synchronous_mode'];
  const key = valueOf(world, SYNC);
  const leader = world.leader();
  if (isOff(mode)) return typeof key['leader'] !== 'string';
  if (leader === null || key['leader'] !== leader.place) return false;
  const wanted = Number(config['synchronous_node_count'] ?? 1);
  const needed = Math.min(wanted, world.nodes.filter((node) => mustCount(world, leader, node)).length);
  // Strict: the last set stays, and commits wait for it; everybody else may be left to a person.
  if (needed === 0 && config['synchronous_mode_strict'] === true) return true;
  const voters = namesIn(key['sync_standby']);
  const rule = leader.postgres.syncRule;
  const attached = voters.filter((each) => streamsFrom(leader, world.node(each)));
  return attached.length === voters.length && voters.length >= needed && (needed === 0 || (rule?.count ?? 0) >= needed);
}

/**
 * A `sync` key that came out of a backup of the store elects nobody: too few of its members have data, are consistent (what
 * they lack only others have), and have not parted from what was led on since. docs/faults.md leaves it to a person to name
 * somebody.
 */
export function isElectionLeftToAPerson(world: World): boolean {
  const { restoredAt } = world.store;
  const key = world.store.keys.get(SYNC);
  if (world.lockHolder() !== null || restoredAt === null || key === null || key.modRevision > restoredAt) return false;
  const { leader, sync_standby: voters, quorum = 0 } = valueOf(world, SYNC);
  if (typeof leader !== 'string' || isOff(valueOf(world, storeKey('config'))['synchronous_mode'])) return false;
  const fit = [leader, ...namesIn(voters)].filter((name) => mayVote(world, world.node(name)));
  return !fit.includes(leader) && fit.length <= Number(quorum);
}

function mayVote(world: World, node: SimNode | null): boolean {
  if (node?.postgres.directory.kind !== 'cluster') return false;
  const { branch, position, minRecoveryEnd } = node.postgres.directory;
  const isConsistent = (minRecoveryEnd ?? 0) <= position;
  if (!isConsistent && node.postgres.server.kind === 'starting') return false;
  return relation({ branch, position }, newestBranch(world, branch)) === 'follows';
}

function newestBranch(world: World, own: WalBranch): WalBranch {
  return world.nodes.reduce((newest, { postgres: { branch } }) => {
    if (branch === null || branch.timeline < newest.timeline) return newest;
    return branch.timeline > newest.timeline || branch === world.lastPromoted ? branch : newest;
  }, own);
}

/** It streams from the leader, and nothing in its tags lets it stay out. */
function mustCount(world: World, leader: SimNode, node: SimNode): boolean {
  if (node === leader || !node.isOn || !streamsFrom(leader, node)) return false;
  const tags = valueOf(world, storeKey(`members/${node.place}`))['tags'];
  const excluding = isJsonObject(tags) ? [tags['nosync'], tags['replicatefrom'], tags['nofailover']] : [];
  return excluding.every((each) => each === undefined || each === false);
}

/** Whoever catches up counts for nobody yet. */
function streamsFrom(leader: SimNode, node: SimNode | null): boolean {
  const link = node?.postgres.link;
  return link?.upstream === leader.postgres && link.hasCaughtUp;
}

function isOff(mode: Json | undefined): boolean {
  return mode === undefined || mode === false || mode === null;
}

function namesIn(list: Json | undefined): readonly string[] {
  return typeof list === 'string' ? list.split(',').filter((each) => each !== '') : [];
}

const SYNC = storeKey('sync');

function valueOf(world: World, key: StoreKey): JsonObject {
  const value = world.store.keys.get(key)?.value;
  const parsed = value === undefined ? null : parseJson(value);
  return parsed?.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json : {};
}
