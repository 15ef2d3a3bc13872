import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { latestView } from './facts.ts';

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

function withFresh(seen: Memory['slotSeen'], o: Observation): Memory['slotSeen'] {
  const server = o.postgres?.server;
  const slots = server?.kind === 'standby' || server?.kind === 'primary' ? server.slots : [];
  const fresh = slots.filter(({ name, type }) => type === 'physical' && !seen.has(name)).map(({ name }) => name);
  return fresh.length === 0 ? seen : new Map([...seen, ...timesOf(fresh, o)]);
}

function timesOf(slots: readonly SlotName[], o: Observation): Memory['slotSeen'] {
  const own = slotNameOf(o.config.name);
  return new Map(slots.filter((name) => name !== own).map((name) => [name, o.now]));
}
