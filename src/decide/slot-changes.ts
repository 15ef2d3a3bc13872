import type { ClusterView } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import type { SlotName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { type ConfiguredSlots, configuredSlots, isIgnored } from '../domain/permanent-slots.ts';
import type { PrimaryAnswer, Slot, StandbyAnswer } from '../domain/postgres-report.ts';
import type { LogicalSlot, SlotChange } from '../domain/slot-change.ts';
import { heldLock } from './facts.ts';
import { slotsToVerify } from './slot-safety.ts';
import type { WantedLogicalSlot, WantedSlot } from './wanted-slot.ts';
import { wantedLogicalSlots, wantedSlots } from './wanted-slots.ts';

/**
 * What is to be done so that the slots here are those that should exist (spec/ha.md 6.2). On a primary only under its
 * lock. @returns `null`: nothing is known, or the slots here are not ours to manage now.
 */
export function slotChanges(o: Observation, m: Memory): SlotChange | null {
  const here = slotsHere(o, m, (view) => wantedSlots(o, m, view).slots);
  if (here === null) return null;
  const { slots } = here.server;
  const dropped = slots.filter((slot) => isToDrop(slot, here));
  const kept = dropped.length === 0 ? slots : slots.filter((slot) => !dropped.includes(slot));
  const clearXmin: SlotName[] = [];
  const create: SlotName[] = [];
  const createLogical: LogicalSlot[] = [];
  const advance: Advance[] = [];
  const advanceLogical: AdvanceLogical[] = [];
  for (const each of here.wanted.values()) {
    const slot = kept.find(({ name }) => name === each.name);
    if (slot === undefined) {
      if (each.kind === 'physical') create.push(each.name);
      else if (here.server.kind === 'primary') createLogical.push(pluginOf(each));
      continue;
    }
    if (isStale(each, slot, here)) clearXmin.push(each.name);
    const physical = advanced(each, slot, here);
    if (physical !== null) advance.push(physical);
    const logical = advancedLogical(each, slot, here);
    if (logical !== null) advanceLogical.push(logical);
  }
  const verify = here.server.kind === 'standby' ? slotsToVerify(o, m, here.view) : null;
  return {
    drop: dropped.map(({ name }) => name).toSorted(),
    clearXmin: clearXmin.toSorted(),
    create: create.toSorted(),
    createLogical: createLogical.toSorted(byName),
    advance: advance.toSorted(byName),
    advanceLogical: advanceLogical.toSorted(byName),
    verify,
  };
}

/** Is a physical slot missing here? Somebody may be unable to stream for want of it. */
export function lacksPhysicalSlot(o: Observation, m: Memory): boolean {
  const here = slotsHere(o, m, (view) => wantedSlots(o, m, view).slots);
  if (here === null) return false;
  const { slots } = here.server;
  for (const { kind, name } of here.wanted.values()) {
    if (kind === 'physical' && !slots.some((slot) => slot.name === name)) return true;
  }
  return false;
}

/** Logical slots that the leader has and this standby does not, or has in a state of no use: they are to be copied. */
export function logicalSlotsToCopy(o: Observation, m: Memory): readonly WantedLogicalSlot[] {
  const view = latestView(o);
  const wanted = view === null ? null : wantedLogicalSlots(o, view);
  const here = wanted === null || wanted.size === 0 ? null : slotsHere(o, m, () => wanted);
  if (wanted === null || here?.server.kind !== 'standby' || !here.hasOtherLeader) return [];
  const { slots } = here.server;
  const isUsable = (name: SlotName): boolean =>
    !m.slotsUnusable.has(name) && slots.some((slot) => slot.name === name && !isToDrop(slot, here));
  return [...wanted.values()].filter(({ name, target }) => target !== null && !isUsable(name)).toSorted(byName);
}

type Advance = SlotChange['advance'][number];
type AdvanceLogical = SlotChange['advanceLogical'][number];

type Here = {
  readonly server: PrimaryAnswer | StandbyAnswer;
  readonly view: ClusterView;
  readonly wanted: ReadonlyMap<SlotName, WantedSlot>;
  readonly hasOtherLeader: boolean;
  /** What can be removed without doubt: not in a pause, and not while the cluster's configuration is unknown. */
  readonly mayDrop: boolean;
  readonly ignored: ConfiguredSlots['ignored'];
  readonly o: Observation;
  readonly m: Memory;
};

function slotsHere(o: Observation, m: Memory, wanted: (view: ClusterView) => Here['wanted']): Here | null {
  const server = o.postgres?.server;
  const view = latestView(o);
  if ((server?.kind !== 'primary' && server?.kind !== 'standby') || view === null) return null;
  if (server.kind === 'primary' && heldLock(o) === null) return null;
  const holder = view.lock?.holder ?? null;
  return {
    server,
    view,
    wanted: wanted(view),
    hasOtherLeader: holder !== null && holder !== o.config.name,
    mayDrop: !o.dynamic.pause && view.config.kind === 'valid',
    ignored: configuredSlots(o.dynamic).ignored,
    o,
    m,
  };
}

/**
 * SL8 to SL11, SL14: one that nobody wants, or of another kind than wanted, or of no use to anybody. PostgreSQL's own
 * failover slots are its own business, except one that was made here and would keep the leader's from being copied.
 */
function isToDrop(slot: Slot, here: Here): boolean {
  if (!here.mayDrop || slot.active || isIgnored(slot, here.ignored)) return false;
  if (slot.type === 'logical' && slot.failover !== undefined) {
    return slot.failover === 'own' && here.server.kind === 'standby' && here.hasOtherLeader;
  }
  if (here.server.kind === 'primary' && movesShard(slot)) return false;
  const wanted = here.wanted.get(slot.name);
  if (wanted === undefined && slot.type === 'physical' && isUntold(here)) return false;
  // Whom it is of use to depends on who leads.
  if (wanted === undefined && slot.type === 'logical' && here.view.lock === null) return false;
  if (wanted === undefined || slot.isLost === true || !isLike(slot, wanted)) return true;
  // Somebody else made it, without reserving WAL.
  return wanted.kind === 'physical' && !wanted.expectedActive && !slot.hasXmin && slot.restartLsn === null;
}

/** No leader has told yet which slots are kept for members that are away. */
function isUntold({ o, view }: Here): boolean {
  return o.dynamic.memberSlotsTtl > 0 && view.lock?.holder !== o.config.name && view.status.retainSlots.length === 0;
}

function isLike(slot: Slot, wanted: WantedSlot): boolean {
  if (wanted.kind === 'physical') return slot.type === 'physical';
  return slot.type === 'logical' && slot.database === wanted.database && slot.plugin === wanted.plugin;
}

/** What Citus makes while it moves or splits a shard. */
function movesShard({ name, type, plugin }: Slot): boolean {
  return (
    type === 'logical' &&
    (plugin === 'pgoutput' || plugin === 'citus') &&
    /^citus_shard_(?:move|split)_slot_\d+_\d+(?:_\d+)?$/.test(name)
  );
}

/** SL12: the feedback of a standby that is gone, or streams elsewhere now, would hold back vacuum for ever. */
function isStale(wanted: WantedSlot, slot: Slot, { view, server, hasOtherLeader }: Here): boolean {
  if (wanted.kind !== 'physical' || wanted.expectedActive || slot.active) return false;
  if (!isLike(slot, wanted)) return false;
  return (
    slot.hasXmin && slot.restartLsn !== null && view.lock !== null && (hasOtherLeader || server.kind === 'primary')
  );
}

/** SL14. Never past the own end: that WAL is not here yet. */
function advanced(wanted: WantedSlot, slot: Slot, { server }: Here): Advance | null {
  if (wanted.kind !== 'physical' || wanted.expectedActive || slot.active || !isLike(slot, wanted)) return null;
  const end = server.kind === 'primary' ? server.flushLsn : server.replayLsn;
  const to = earlierOf(wanted.target, end);
  return to !== null && slot.restartLsn !== null && to > slot.restartLsn ? { name: slot.name, to } : null;
}

/** SL16, S22: to where the leader's copy stands, and never past what was replayed here. */
function advancedLogical(wanted: WantedSlot, slot: Slot, { server, m }: Here): AdvanceLogical | null {
  if (wanted.kind !== 'logical' || server.kind !== 'standby' || slot.active) return null;
  if (slot.failover !== undefined || m.slotsUnusable.has(slot.name) || !isLike(slot, wanted)) return null;
  if (slot.confirmedFlushLsn === null) return null;
  const to = earlierOf(wanted.target, server.replayLsn);
  return to !== null && to > slot.confirmedFlushLsn ? { name: slot.name, database: wanted.database, to } : null;
}

function pluginOf({ name, database, plugin }: WantedLogicalSlot): LogicalSlot {
  return { name, database, plugin };
}

function byName(a: { readonly name: SlotName }, b: { readonly name: SlotName }): number {
  return a.name < b.name ? -1 : 1;
}

function earlierOf(a: Lsn | null, b: Lsn | null): Lsn | null {
  if (a === null || b === null) return null;
  return a < b ? a : b;
}
