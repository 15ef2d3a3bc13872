import type { ClusterView, Member } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import type { PrimaryAnswer, Slot, StandbyAnswer } from '../domain/postgres-report.ts';
import type { SlotChange } from '../domain/slot-change.ts';
import { neverStreams, replicatesFrom } from '../domain/tags.ts';
import { later } from '../domain/time.ts';
import { heldLock, latestView } from './facts.ts';

/**
 * The replication slots that should exist here for the other members (spec/ha.md 6): one each on every node, so that
 * whoever leads next has their WAL; kept `member_slots_ttl` for a member that is away. On a standby they are advanced
 * to where the leader's copy stands. Slots that were never a member's are not touched.
 * @returns `null` when nothing is to be done, or nothing is known.
 */
export function memberSlots(o: Observation, m: Memory): SlotChange | null {
  const known = knownSlots(o);
  if (known === null) return null;
  const { server, view } = known;
  const own = slotNameOf(o.config.name);
  const wanted = new Set<SlotName>(streaming(o, view).map((each) => slotNameOf(each.name)));
  const existing = new Map(server.slots.filter((each) => each.type === 'physical').map((each) => [each.name, each]));
  const expired = [...m.slotSeen]
    .filter(([name, at]) => !wanted.has(name) && o.now >= later(at, o.dynamic.memberSlotsTtl))
    .map(([name]) => name);
  const change: SlotChange = {
    create: [...wanted].filter((name) => !existing.has(name) && name !== own).toSorted(),
    drop: o.dynamic.pause ? [] : expired.filter((name) => existing.get(name)?.active === false).toSorted(),
    advance:
      server.kind === 'primary'
        ? advances(cascaded(o, view), existing, server.flushLsn, wanted)
        : advances(view.status.slots, existing, server.replayLsn, wanted),
  };
  const isEmpty = change.create.length + change.drop.length + change.advance.length === 0;
  return isEmpty ? null : change;
}

/** Is there a member that could not stream from here for want of its slot? */
export function lacksMemberSlot(o: Observation): boolean {
  const known = knownSlots(o);
  if (known === null) return false;
  const { server, view } = known;
  return streaming(o, view).some(({ name }) => {
    const slot = slotNameOf(name);
    return slot !== slotNameOf(o.config.name) && !server.slots.some((each) => isFor(slot, each));
  });
}

/** `null`: the slots here are not known, or not ours to manage now. */
function knownSlots(
  o: Observation,
): { readonly server: PrimaryAnswer | StandbyAnswer; readonly view: ClusterView } | null {
  const server = o.postgres?.server;
  const view = latestView(o);
  const isKnown = server?.kind === 'primary' || server?.kind === 'standby';
  if (!isKnown || view === null || !o.effective.useSlots) return null;
  return server.kind === 'primary' && heldLock(o) === null ? null : { server, view };
}

/** The other members that may want to stream. */
function streaming(o: Observation, view: ClusterView): readonly Member[] {
  return view.members.filter((each) => each.name !== o.config.name && !neverStreams(each.tags));
}

/**
 * Who streams from another standby leaves its slot here unused. It keeps the WAL from where that member says it is, and
 * no more (spec/ha.md SL14).
 */
function cascaded(o: Observation, view: ClusterView): ReadonlyMap<SlotName, Lsn> {
  return new Map(
    streaming(o, view).flatMap(({ name, tags, position }) =>
      replicatesFrom(tags) === null || position === null ? [] : [[slotNameOf(name), position] as const],
    ),
  );
}

function isFor(name: SlotName, slot: Slot): boolean {
  return slot.type === 'physical' && slot.name === name;
}

/** Never past the own end: that WAL is not here yet. */
function advances(
  published: ReadonlyMap<SlotName, Lsn>,
  existing: ReadonlyMap<SlotName, { readonly active: boolean; readonly restartLsn: Lsn | null }>,
  ownEnd: Lsn | null,
  wanted: ReadonlySet<SlotName>,
): SlotChange['advance'] {
  if (ownEnd === null) return [];
  return [...wanted].toSorted().flatMap((name) => {
    const slot = existing.get(name);
    const target = published.get(name);
    if (slot === undefined || slot.active || target === undefined || slot.restartLsn === null) return [];
    const to = target < ownEnd ? target : ownEnd;
    return to > slot.restartLsn ? [{ name, to }] : [];
  });
}
