import type { Json, JsonObject } from '../domain/json.ts';
import type { Memory } from '../domain/memory.ts';
import { slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import { later } from '../domain/time.ts';
import { latestView } from './facts.ts';
import { leadsStandbyCluster } from './remote-source.ts';

/**
 * What the `status` key should say while I lead (spec/dcs.md 1.7): my position, every slot's, and the member slots
 * that are kept for members that are away. @returns `null` when my position is not known.
 */
export function publishedStatus(o: Observation, m: Memory): JsonObject | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'primary' && server?.kind !== 'standby') return null;
  if (server.kind === 'standby' && !leadsStandbyCluster(o)) return null;
  const position = server.kind === 'primary' ? server.flushLsn : standbyPosition(server);
  if (position === null) return null;
  const slots: Record<string, Json> = {};
  for (const slot of server.slots) {
    const lsn = slot.type === 'physical' ? slot.restartLsn : slot.confirmedFlushLsn;
    if (lsn !== null && o.dynamic.memberSlotsTtl > 0) slots[slot.name] = lsn;
  }
  slots[slotNameOf(o.config.name)] = position;
  const retain = retainedSlots(o, m);
  return {
    optime: position,
    slots: Object.fromEntries(Object.entries(slots).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ...(retain.length === 0 ? {} : { retain_slots: retain }),
  };
}

/** Sorted; my own slot's name is among them, because the next leader needs to keep it for me. */
function retainedSlots(o: Observation, m: Memory): readonly string[] {
  if (o.dynamic.memberSlotsTtl === 0) return [];
  const present = (latestView(o)?.members ?? []).map((each) => slotNameOf(each.name));
  const seen = [...m.slotSeen].filter(([, at]) => o.now < later(at, o.dynamic.memberSlotsTtl)).map(([name]) => name);
  return [...new Set([...seen, ...present, slotNameOf(o.config.name)])].toSorted();
}
