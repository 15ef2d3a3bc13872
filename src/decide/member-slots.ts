import { type ClusterView, type Member, memberOf } from '../domain/cluster-view.ts';
import { derived } from '../domain/derived.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import { type SlotName, slotNameOf } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { configuredSlots, isIgnored } from '../domain/permanent-slots.ts';
import type { Slot } from '../domain/postgres-report.ts';
import { mayEverLead, neverStreams, replicatesFrom } from '../domain/tags.ts';
import { later } from '../domain/time.ts';
import { isFed } from './cascade.ts';
import { isHeadOfCircle } from './circle.ts';
import type { WantedSlot } from './wanted-slot.ts';

/**
 * The physical slots that should exist here for the other members (spec/ha.md SL3 to SL5): on every node one for each
 * that may stream, so that whoever leads next has their WAL, kept `member_slots_ttl` for a member that is away. Where
 * that is 0, only for those that stream from here. A standby that never leads keeps them only for its own followers.
 */
export function memberSlots(o: Observation, m: Memory, view: ClusterView): Map<SlotName, WantedSlot> {
  const wanted = new Map<SlotName, WantedSlot>();
  for (const name of retained(o, m, view)) {
    wanted.set(name, { kind: 'physical', name, target: null, expectedActive: false });
  }
  const keepsAll = keepsForAll(o) && keepsForOthers(o, view);
  const target = memberTargets(view);
  for (const member of view.members) {
    const name = slotNameOf(member.name);
    if (neverStreams(member.tags)) {
      // What it was before its tag is no reason to keep anything for it.
      wanted.delete(name);
      continue;
    }
    if (member.name === o.config.name) continue;
    const expectedActive = streamsFromHere(o, view, member);
    const isKept = keepsForAll(o)
      ? keepsAll || isNamedHere(o, view, member)
      : expectedActive || (isLeader(o, view) && isHungry(member));
    if (!isKept) continue;
    wanted.set(name, { kind: 'physical', name, target: target(member), expectedActive });
  }
  wanted.delete(slotNameOf(o.config.name));
  return wanted;
}

function keepsForAll(o: Observation): boolean {
  return o.dynamic.memberSlotsTtl > 0;
}

/** Whoever leads, or may lead next. A leader that is given a tag that would have kept it from that leads on. */
export function keepsForOthers(o: Observation, view: ClusterView): boolean {
  return mayEverLead(o.config.tags) || isLeader(o, view);
}

/** Slots of members that are away. They keep their WAL where it is, and are never moved on. */
function retained(o: Observation, m: Memory, view: ClusterView): readonly SlotName[] {
  if (!keepsForAll(o) || !keepsForOthers(o, view)) return [];
  const seen: SlotName[] = [];
  for (const [name, at] of m.slotSeen) if (o.now < later(at, o.dynamic.memberSlotsTtl)) seen.push(name);
  // A leader goes by its own clock: what it published is what it forgets.
  return isLeader(o, view) ? seen : [...seen, ...stillHere(o, m), ...view.status.retainSlots];
}

/**
 * What lay here when this agent began. It has forgotten whose that is, and the leader may never have seen that member: it
 * began after the member had gone. It is kept as long as it keeps WAL, and not made anew: it may be anybody's.
 */
function stillHere(o: Observation, { slotsFound }: Memory): readonly SlotName[] {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' || slotsFound === null) return [];
  if (o.now >= later(slotsFound.at, o.dynamic.memberSlotsTtl)) return [];
  const { ignored } = configuredSlots(o.dynamic);
  const keepsWal = ({ restartLsn, isLost }: Slot): boolean => restartLsn !== null && isLost !== true;
  const isKept = (slot: Slot): boolean =>
    slot.type === 'physical' && slotsFound.names.has(slot.name) && keepsWal(slot) && !isIgnored(slot, ignored);
  return server.slots.filter(isKept).map(({ name }) => name);
}

/** Is this the server that the member is expected to stream from? */
function streamsFromHere(o: Observation, view: ClusterView, member: Member): boolean {
  if (isNamedHere(o, view, member)) return member.name !== view.lock?.holder;
  return isLeader(o, view) && upstreamOfMember(view, member) === null;
}

function isNamedHere(o: Observation, view: ClusterView, member: Member): boolean {
  return replicatesFrom(member.tags) === o.config.name && !isHeadOfCircle(view, member);
}

/** Nobody feeds it: whom it names has not got what it needs, and it will turn to the leader. Old agents do not tell. */
function isHungry({ agent, state, replicationState }: Member): boolean {
  return agent === 'ours' && state === 'running' && replicationState === null;
}

/** Who really feeds a member that names somebody; `null`: the leader, since whom it names is not there, or dry. */
function upstreamOfMember(view: ClusterView, member: Member): Member | null {
  const name = replicatesFrom(member.tags);
  const named = name === null ? null : (view.members.find((each) => each.name === name) ?? null);
  if (named === null || named.name === view.lock?.holder || isHeadOfCircle(view, member)) return null;
  const leader = view.lock === null ? null : memberOf(view, view.lock.holder);
  return named.state === 'running' && isFed(named, leader) ? named : null;
}

function isLeader(o: Observation, view: ClusterView): boolean {
  return view.lock?.holder === o.config.name;
}

/**
 * What the leader publishes of its own copy. Who streams from another standby leaves the leader's copy unused, and a
 * leader of old does not move it on: it needs nothing from before where it says that it is.
 */
export function memberTargets(view: ClusterView): (member: Member) => Lsn | null {
  const isOld = isOldLeader(view);
  return ({ name, tags, position }) => {
    const published = view.status.slots.get(slotNameOf(name)) ?? null;
    if (!isOld && replicatesFrom(tags) === null) return published;
    return position !== null && (published === null || position > published) ? position : published;
  };
}

/** Before 4.0.0 a leader published no slots of members (spec/dcs.md 4.3). */
function isOldLeader(view: ClusterView): boolean {
  const leader = view.lock === null ? null : memberOf(view, view.lock.holder);
  return leader !== null && isOld(leader);
}

const isOld = derived(({ version }: Member) => version !== null && /^[0-3]\./.test(version));
