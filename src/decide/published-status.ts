import type { Json, JsonObject } from '../domain/json.ts';
import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { configuredSlots } from '../domain/permanent-slots.ts';
import { slotPosition, standbyPosition } from '../domain/postgres-report.ts';
import { neverStreams } from '../domain/tags.ts';
import { later } from '../domain/time.ts';
import { leadsOnParted, leadsStandbyCluster } from './remote-source.ts';

/**
 * What the `status` key should say while I lead (spec/dcs.md 1.7): my position, the slots', and the member slots
 * that are kept for members that are away; in failsafe mode also for how long I may go on by their word. With
 * `member_slots_ttl` 0 only permanent slots are told, and none is kept.
 * @returns `null` when my position is not known, or is none of the cluster that this one follows.
 */
export function publishedStatus(o: Observation, m: Memory): JsonObject | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'primary' && server?.kind !== 'standby') return null;
  if (server.kind === 'standby' && (!leadsStandbyCluster(o) || leadsOnParted(o, m))) return null;
  const position = server.kind === 'primary' ? server.flushLsn : standbyPosition(server);
  if (position === null) return null;
  const permanent = new Set(configuredSlots(o.dynamic).permanent.map(({ name }) => name));
  const isTold = (name: SlotName): boolean => o.dynamic.memberSlotsTtl > 0 || permanent.has(name);
  const own = slotNameOf(o.config.name);
  const slots = new Map<SlotName, Json>();
  for (const slot of server.slots) {
    const lsn = slotPosition(slot);
    // What PostgreSQL copied by itself, before a promotion, no standby of ours moves on.
    if (lsn !== null && isTold(slot.name) && slot.failover !== 'synced') slots.set(slot.name, lsn);
  }
  if (isTold(own)) slots.set(own, position);
  const retain = retainedSlots(o, m, permanent);
  return {
    optime: position,
    ...(slots.size === 0 ? {} : { slots: Object.fromEntries([...slots].toSorted(([a], [b]) => (a < b ? -1 : 1))) }),
    ...(retain.length === 0 ? {} : { retain_slots: retain }),
    ...(o.dynamic.failsafeMode ? { failsafe_ttl: o.timings.ttl / 1000 } : {}),
  };
}

/** Sorted; my own slot's name is among them, because the next leader needs to keep it for me. */
function retainedSlots(o: Observation, m: Memory, permanent: ReadonlySet<SlotName>): readonly SlotName[] {
  if (o.dynamic.memberSlotsTtl === 0) return [];
  const kept = new Set([slotNameOf(o.config.name)]);
  for (const [name, at] of m.slotSeen) if (o.now < later(at, o.dynamic.memberSlotsTtl)) kept.add(name);
  for (const { name, tags } of latestView(o)?.members ?? []) if (!neverStreams(tags)) kept.add(slotNameOf(name));
  return [...kept].filter((name) => !permanent.has(name)).toSorted();
}
