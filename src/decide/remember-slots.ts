import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { configuredSlots, isIgnored } from '../domain/permanent-slots.ts';

/**
 * A new leader gives every slot that the last one kept the whole time once more (spec/ha.md SL18). That one may have told of
 * fewer than those who have joined since: what lies here may be of one of them who is away, and has the whole time, too.
 */
export function inherited(m: Memory, o: Observation): Memory['slotSeen'] {
  const told = latestView(o)?.status.retainSlots ?? [];
  return withFresh(new Map([...m.slotSeen, ...timesOf(told, o)]), o);
}

/** The same when its server was down as it took up the lock, and shows only now what lies here. */
export function foundHere(m: Memory, o: Observation): Memory['slotSeen'] {
  return withFresh(m.slotSeen, o);
}

/** What an agent that has just begun finds: it has forgotten whose they are. `null`: its server shows nothing yet. */
export function firstFound(o: Observation): Memory['slotsFound'] {
  const slots = physicalHere(o);
  return slots === null ? null : { at: o.now, names: new Set(slots) };
}

/** Nothing is done to those that `ignore_slots` names, and they are told to nobody. */
function physicalHere(o: Observation): readonly SlotName[] | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' && server?.kind !== 'primary') return null;
  const { ignored } = configuredSlots(o.dynamic);
  return server.slots.filter((slot) => slot.type === 'physical' && !isIgnored(slot, ignored)).map(({ name }) => name);
}

function withFresh(seen: Memory['slotSeen'], o: Observation): Memory['slotSeen'] {
  const fresh = (physicalHere(o) ?? []).filter((name) => !seen.has(name));
  return fresh.length === 0 ? seen : new Map([...seen, ...timesOf(fresh, o)]);
}

function timesOf(slots: readonly SlotName[], o: Observation): Memory['slotSeen'] {
  const own = slotNameOf(o.config.name);
  return new Map(slots.filter((name) => name !== own).map((name) => [name, o.now]));
}
