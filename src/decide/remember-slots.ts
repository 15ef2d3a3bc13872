import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { latestView } from './facts.ts';

/**
 * A new leader gives every slot that the last one kept the whole time once more (spec/ha.md SL18). Where nobody has ever
 * told which are kept, any that is here may be that of a member that is away.
 */
export function inherited(m: Memory, o: Observation): Memory['slotSeen'] {
  const told = latestView(o)?.status.retainSlots ?? [];
  const retained = told.length > 0 ? told : physicalSlotsHere(o);
  const own = slotNameOf(o.config.name);
  return new Map([...m.slotSeen, ...retained.filter((name) => name !== own).map((name) => [name, o.now] as const)]);
}

/** Until a leader tells, also those that a server shows only after its start: whoever leads may have found it down. */
export function seenUntold(m: Memory, o: Observation): Memory['slotSeen'] {
  const view = latestView(o);
  if (view === null || view.status.retainSlots.length > 0) return m.slotSeen;
  const own = slotNameOf(o.config.name);
  const fresh = physicalSlotsHere(o).filter((name) => name !== own && !m.slotSeen.has(name));
  return fresh.length === 0 ? m.slotSeen : new Map([...m.slotSeen, ...fresh.map((name) => [name, o.now] as const)]);
}

function physicalSlotsHere(o: Observation): readonly SlotName[] {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' && server?.kind !== 'primary') return [];
  return server.slots.filter(({ type }) => type === 'physical').map(({ name }) => name);
}
