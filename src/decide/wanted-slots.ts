import type { ClusterView, Member } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { configuredSlots, type PermanentSlot } from '../domain/permanent-slots.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { replicatesFrom } from '../domain/tags.ts';
import { isReached, wantsLogicalSlots } from './logical-slots.ts';
import { keepsForOthers, memberSlots, memberTargets } from './member-slots.ts';
import type { WantedLogicalSlot, WantedSlot } from './wanted-slot.ts';

/**
 * All slots that should exist here: those of members, those kept for members that are away, and the permanent ones
 * (spec/ha.md SL2, SL6). `conflicts`: permanent ones that cannot be had, one sentence each.
 */
export function wantedSlots(
  o: Observation,
  m: Memory,
  view: ClusterView,
): { readonly slots: ReadonlyMap<SlotName, WantedSlot>; readonly conflicts: readonly string[] } {
  if (!o.effective.useSlots) return { slots: new Map(), conflicts: [] };
  const slots = memberSlots(o, m, view);
  const conflicts: string[] = [];
  for (const permanent of permanentSlots(o, view)) {
    const member = view.members.find((each) => slotNameOf(each.name) === permanent.name);
    if (permanent.kind === 'physical') {
      slots.set(permanent.name, physical(o, view, { ...permanent, member, before: slots.get(permanent.name) }));
    } else if (member !== undefined) {
      conflicts.push(`slot ${permanent.name}: the member ${member.name} needs that name`);
    } else slots.set(permanent.name, { ...permanent, target: published(view, permanent.name) });
  }
  return { slots, conflicts };
}

/** The logical ones alone. */
export function wantedLogicalSlots(o: Observation, view: ClusterView): ReadonlyMap<SlotName, WantedLogicalSlot> {
  const slots = new Map<SlotName, WantedLogicalSlot>();
  if (!o.effective.useSlots || !wantsLogicalSlots(o)) return slots;
  for (const permanent of permanentSlots(o, view)) {
    if (permanent.kind === 'physical' || view.members.some((each) => slotNameOf(each.name) === permanent.name))
      continue;
    slots.set(permanent.name, { ...permanent, target: published(view, permanent.name) });
  }
  return slots;
}

/** Permanent slots that this node has a part in: whoever leads in all of them, whatever its tags came to say meanwhile. */
function permanentSlots(o: Observation, view: ClusterView): readonly PermanentSlot[] {
  const { permanent } = configuredSlots(o.dynamic);
  if (permanent.length === 0 || !keepsForOthers(o, view)) return [];
  const others = permanent.filter((each) => each.kind === 'logical' || each.name !== slotNameOf(o.config.name));
  const isStandby = isStandbyCluster(o.dynamic);
  if (!isStandby && isReached(view, o.config)) return others;
  const kind = isStandby ? 'standby' : 'primary';
  return others.filter((each) => each.kind === 'physical' && (each.clusterType ?? kind) === kind);
}

/** Its consumer is expected where the cluster's leader is; that of a member where the member streams from. */
function physical(
  o: Observation,
  view: ClusterView,
  permanent: {
    readonly name: SlotName;
    /** The member whose slot it is, too. */
    readonly member: Member | undefined;
    /** As it is wanted for that member. */
    readonly before: WantedSlot | undefined;
  },
): WantedSlot {
  const { name, member, before } = permanent;
  const cascades = member !== undefined && replicatesFrom(member.tags) !== null;
  const isUsedByMember = before?.kind === 'physical' && before.expectedActive;
  return {
    kind: 'physical',
    name,
    target: member === undefined ? published(view, name) : memberTargets(view)(member),
    expectedActive: isUsedByMember || (view.lock?.holder === o.config.name && !cascades),
  };
}

function published(view: ClusterView, name: SlotName): Lsn | null {
  return view.status.slots.get(name) ?? null;
}
