import type { ClusterView } from '../domain/cluster-view.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { configuredSlots } from '../domain/permanent-slots.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { mayEverLead, neverStreams, replicatesFrom, type Tags } from '../domain/tags.ts';

type Who = { readonly name: MemberName; readonly tags: Tags };

/**
 * Does a standby of this name and tags keep logical slots? Not one that never leads, nor one that WAL reaches through an
 * archive alone, itself or through whom it replicates from.
 */
export function keepsLogicalSlots(o: Observation, view: ClusterView | null, who: Who): boolean {
  if (!wantsLogicalSlots(o) || !o.effective.useSlots || isStandbyCluster(o.dynamic) || !mayEverLead(who.tags))
    return false;
  return view === null ? !neverStreams(who.tags) : isReached(view, who);
}

export function wantsLogicalSlots(o: Observation): boolean {
  return configuredSlots(o.dynamic).permanent.some((each) => each.kind === 'logical');
}

/** Does WAL stream here all the way from the leader? What that one's own tags say of streaming is of no account then. */
export function isReached({ members, lock }: ClusterView, who: Who): boolean {
  const passed = new Set<string>();
  let at: Who | undefined = who;
  while (at !== undefined && at.name !== lock?.holder && !passed.has(at.name)) {
    if (neverStreams(at.tags)) return false;
    passed.add(at.name);
    const upstream = replicatesFrom(at.tags);
    at = members.find((each) => each.name === upstream);
  }
  return true;
}
