import type { ClusterView, Member } from '../domain/cluster-view.ts';
import { memberOf } from '../domain/cluster-view.ts';
import type { Memory } from '../domain/memory.ts';
import { type MemberName, type SlotName, slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { configuredSlots } from '../domain/permanent-slots.ts';
import type { SlotChange } from '../domain/slot-change.ts';
import { replicatesFrom } from '../domain/tags.ts';
import { upstreamOf } from './desired-postgres.ts';

/**
 * Logical slots here of which nobody knows yet whether the primary has kept the catalog rows that they need (spec/ha.md
 * SL20): it keeps them once it has heard of this standby's slots, and may have removed some before.
 */
export function slotsInDoubt(o: Observation, m: Memory): readonly SlotName[] {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby') return [];
  const { permanent } = configuredSlots(o.dynamic);
  if (permanent.length === 0) return [];
  return server.slots
    .filter(({ type, failover }) => type === 'logical' && failover === undefined)
    .map(({ name }) => name)
    .filter((name) => permanent.some((each) => each.name === name) && !m.slotsSafe.has(name));
}

/** Whom to ask about them, and by which slot the primary knows this standby; `null`: there is nothing to ask. */
export function slotsToVerify(o: Observation, m: Memory, view: ClusterView): SlotChange['verify'] {
  const names = slotsInDoubt(o, m);
  if (names.length === 0) return null;
  const leader = view.lock === null ? null : memberOf(view, view.lock.holder);
  const from = leader?.name === o.config.name ? null : upstreamOf(o, leader);
  if (from === null || leader?.role !== 'primary') return null;
  return { from, as: slotNameOf(attachedTo(o, leader.name, view)), names };
}

/** The first of the standbys through which WAL comes here: its slot is the one that the primary has. */
function attachedTo(o: Observation, leader: MemberName, view: ClusterView): MemberName {
  const passed = new Set<MemberName>();
  let at: Pick<Member, 'name' | 'tags'> = o.config;
  for (;;) {
    passed.add(at.name);
    const upstream = replicatesFrom(at.tags);
    const next = view.members.find((each) => each.name === upstream);
    if (next === undefined || next.name === leader || passed.has(next.name)) return at.name;
    at = next;
  }
}
