import { type ClusterView, memberOf } from '../domain/cluster-view.ts';
import { deepEqual } from '../domain/deep-equal.ts';
import { saysNothing } from '../domain/dynamic-config.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Memory } from '../domain/memory.ts';
import { memberKey, storeKey } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { configuredSlots } from '../domain/permanent-slots.ts';
import type { PrimaryAnswer, StandbyAnswer } from '../domain/postgres-report.ts';
import { publishedDifference } from '../domain/published-difference.ts';
import { isSameMap } from '../domain/same-map.ts';
import { isSlotChange, noSlotChange, type SlotChange } from '../domain/slot-change.ts';
import { asSeen, type StoreCondition, type StoredValue, type StoreWrite } from '../domain/store-write.ts';
import { type Instant, later } from '../domain/time.ts';
import type { Upkeep, UpkeepName } from '../domain/upkeep.ts';
import { heldLock } from './facts.ts';
import { publishedFailsafe } from './failsafe.ts';
import { unregisteredIdentity } from './identity.ts';
import { publishedHistory } from './published-history.ts';
import { publishedMember } from './published-member.ts';
import { publishedStatus } from './published-status.ts';
import { leadsOnParted, leadsStandbyCluster, needsNoGuardian } from './remote-source.ts';
import { lacksPhysicalSlot, slotChanges } from './slot-changes.ts';
import { slotsWithoutStore } from './slots-without-store.ts';

/** When each kind of upkeep was last done. */
export type UpkeepTimes = ReadonlyMap<UpkeepName, Instant>;

/**
 * What has to be published or tidied now. When nothing changes nothing is written; positions alone are written once a
 * loop. Everything a leader writes names the lock's creation, so that a former leader overwrites nothing.
 */
export function upkeep(o: Observation, m: Memory, done: UpkeepTimes): readonly Upkeep[] {
  if (o.store.kind === 'silent') return slots(o, m, done);
  if (o.store.kind === 'unknown') return [];
  const isDue = (name: UpkeepName): boolean => isOver(o, done.get(name));
  // A view without my last write would have it written once more.
  const published =
    o.store.kind === 'settled'
      ? [...member(o, m, o.store.view, isDue('member')), ...asLeader(o, m, o.store.view, isDue)]
      : [];
  return [...published, ...slots(o, m, done), ...checkpoint(o, m)];
}

function member(o: Observation, m: Memory, view: ClusterView, isDue: boolean): readonly Upkeep[] {
  const lease = o.lease?.lease?.id;
  // Right after a task the last look shows what was: a stopped primary would be told as a running one for a moment.
  if (lease === undefined || o.postgres === null || (!o.postgresIsCurrent && o.task === null)) return [];
  const wanted = publishedMember(o, m);
  const stored = memberOf(view, o.config.name);
  const differs = stored === null || stored.lease !== lease ? 'much' : publishedDifference(stored.published, wanted);
  if (differs === 'nothing' || (differs === 'positions' && !isDue)) return [];
  const key = memberKey(o.config.name);
  // A write of mine that was given up may reach the store after later ones: it finds that it comes too late.
  const when = [asSeen(key, stored?.modRevision ?? null)];
  const write = { key, action: { kind: 'put', value: json(wanted), lease }, when } as const;
  return [{ name: 'member', kind: 'write', write }];
}

function asLeader(
  o: Observation,
  m: Memory,
  view: ClusterView,
  isDue: (name: UpkeepName) => boolean,
): readonly Upkeep[] {
  const held = heldLock(o);
  const server = o.postgres?.server;
  if (held === null || view.lock?.holder !== o.config.name) return [];
  const speaks = server?.kind === 'primary' || (server?.kind === 'standby' && leadsStandbyCluster(o));
  const underLock: StoreCondition = {
    kind: 'create-revision-is',
    key: storeKey('leader'),
    revision: held.createRevision,
  };
  const untold = followers(o, m, view, underLock);
  if (!speaks) return untold;
  return [
    ...untold,
    ...initialize(o, m),
    ...config(o, view, underLock),
    ...sync(o, view, underLock),
    ...(isDue('status') ? status(o, m, view, underLock) : []),
    ...failsafeMembers(o, view, underLock),
    ...history(o, view, server, underLock),
  ];
}

function initialize(o: Observation, m: Memory): readonly Upkeep[] {
  const write = unregisteredIdentity(o, m);
  return write === null ? [] : [{ name: 'initialize', kind: 'write', write }];
}

function config(o: Observation, view: ClusterView, underLock: StoreCondition): readonly Upkeep[] {
  const isMissing = view.config.kind !== 'valid' || saysNothing(view.config.config.document);
  const { document } = o.dynamic;
  if (!isMissing || saysNothing(document)) return [];
  const key = storeKey('config');
  // Whoever writes a configuration at this moment wins: what I remember is only better than nothing.
  const seen = view.config.kind === 'absent' ? null : view.config.modRevision;
  return [put('config', json(document), [underLock, asSeen(key, seen)])];
}

/** Synchronous mode is off, and a key of an earlier time says otherwise. */
function sync(o: Observation, view: ClusterView, underLock: StoreCondition): readonly Upkeep[] {
  if (o.dynamic.synchronousMode !== 'off' || view.sync === null) return [];
  const key = storeKey('sync');
  const when = [underLock, asSeen(key, view.sync.modRevision)];
  return [{ name: 'sync', kind: 'write', write: { key, action: { kind: 'delete' }, when } }];
}

function status(o: Observation, m: Memory, view: ClusterView, underLock: StoreCondition): readonly Upkeep[] {
  const wanted = publishedStatus(o, m);
  // The position first: it nearly always differs.
  if (wanted === null || (wanted['optime'] === view.status.lastLsn && deepEqual(wanted, statusAsStored(view))))
    return [];
  return [put('status', json(wanted), [underLock, ...statusAsSeen(view)])];
}

/** One that comes late, after the last one of a reign, would take back what was handed over. */
function statusAsSeen({ statusKeyRevision: seen }: ClusterView): readonly StoreCondition[] {
  return seen === undefined ? [] : [asSeen(storeKey('status'), seen)];
}

/** Never deleted: nobody reads it once the leader has told that the mode is off (`told-failsafe.ts`). */
function failsafeMembers(o: Observation, view: ClusterView, underLock: StoreCondition): readonly Upkeep[] {
  if (!o.dynamic.failsafeMode) return [];
  const members = publishedFailsafe(o);
  if (isSameMap(view.failsafe, members)) return [];
  const key = storeKey('failsafe');
  // A list that comes late, in place of a newer one, would name members that are not asked.
  const when = [underLock, asSeen(key, view.failsafeKeyRevision ?? null)];
  const write = { key, action: putJson(Object.fromEntries(members)), when };
  return [{ name: 'failsafe', kind: 'write-failsafe', write, members }];
}

/**
 * A cluster that follows another one is on that one's timelines. What its history tells of its own may be beyond them, and
 * nobody could lead once it goes its own way again: it is void before anything is rewound. So is the position that was
 * told last, where that has parted: whoever is rewound before may be far behind it, and would keep out of the race.
 */
function followers(o: Observation, m: Memory, view: ClusterView, underLock: StoreCondition): readonly Upkeep[] {
  if (!leadsStandbyCluster(o) || !needsNoGuardian(o, m)) return [];
  const tells = view.history.kind === 'lines' && view.history.lines.length > 0;
  const { optime, ...rest } = statusAsStored(view);
  const isVoid = optime !== undefined && leadsOnParted(o, m);
  return [
    ...(tells ? [put('history', json([]), [underLock, asSeen(storeKey('history'), view.history.modRevision)])] : []),
    ...(isVoid ? [put('status', json(rest), [underLock, ...statusAsSeen(view)])] : []),
  ];
}

function history(
  o: Observation,
  view: ClusterView,
  server: PrimaryAnswer | StandbyAnswer,
  underLock: StoreCondition,
): readonly Upkeep[] {
  if (server.kind === 'standby') return [];
  const work = publishedHistory(o, server.timeline);
  switch (work.kind) {
    case 'right':
      return [];
    case 'ask':
      return [{ name: 'own-history', kind: 'ask-own-history' }];
    case 'write':
      return [put('history', json(work.value), [underLock, asSeen(storeKey('history'), view.history.modRevision)])];
  }
}

function slots(o: Observation, m: Memory, done: UpkeepTimes): readonly Upkeep[] {
  if (o.task !== null) return [];
  const doneAt = done.get('slots');
  // What was done last is not in a look from before, as an agent has that stood still meanwhile.
  const isSeen = doneAt === undefined || (o.postgres !== null && o.postgres.observedAt > doneAt);
  // A missing slot keeps a replica from streaming; everything else can wait for the next loop.
  const isDue = isSeen && (isOver(o, doneAt) || lacksPhysicalSlot(o, m));
  const isDecodingDue = configuredSlots(o.dynamic).permanent.length > 0 && isOver(o, done.get('logical-slots'));
  const isWanted = isDue || isDecodingDue;
  const change = !isWanted ? null : o.store.kind === 'silent' ? slotsWithoutStore(o, m) : slotChanges(o, m);
  if (change === null) return [];
  const { createLogical, advanceLogical, verify } = change;
  return [
    ...(isDue ? managed('slots', { ...change, createLogical: [], advanceLogical: [], verify: null }) : []),
    // Decoding takes its time, and keeps nobody waiting.
    ...(isDecodingDue ? managed('logical-slots', { ...noSlotChange, createLogical, advanceLogical, verify }) : []),
  ];
}

function managed(name: 'slots' | 'logical-slots', change: SlotChange): readonly Upkeep[] {
  return isSlotChange(change) ? [{ name, kind: 'manage-slots', change }] : [];
}

function checkpoint(o: Observation, m: Memory): readonly Upkeep[] {
  const isWanted = m.checkpoint.kind === 'pending' && o.postgres?.server.kind === 'primary';
  return isWanted ? [{ name: 'checkpoint', kind: 'checkpoint' }] : [];
}

function put(name: 'config' | 'status' | 'history', value: StoredValue, when: readonly StoreCondition[]): Upkeep {
  return { name, kind: 'write', write: { key: storeKey(name), action: { kind: 'put', value, lease: null }, when } };
}

function putJson(value: Json): StoreWrite['action'] {
  return { kind: 'put', value: json(value), lease: null };
}

function statusAsStored(view: ClusterView): JsonObject {
  const { lastLsn, slots: stored, retainSlots, failsafeTtl } = view.status;
  return {
    ...(lastLsn === null ? {} : { optime: lastLsn }),
    ...(stored.size === 0 ? {} : { slots: Object.fromEntries(stored) }),
    ...(retainSlots.length === 0 ? {} : { retain_slots: retainSlots }),
    ...(failsafeTtl === undefined ? {} : { failsafe_ttl: failsafeTtl / 1000 }),
  };
}

function isOver(o: Observation, doneAt: Instant | undefined): boolean {
  return doneAt === undefined || o.now >= later(doneAt, o.timings.loopWait);
}

function json(value: Json): StoredValue {
  return { kind: 'json', json: value };
}
