import type { ClusterView } from '../../domain/cluster-view.ts';
import { isVoter } from '../../domain/cluster-view.ts';
import type { MemberName } from '../../domain/names.ts';
import { synchronousModeInForce } from '../../domain/standby-cluster.ts';
import { mayEverLead } from '../../domain/tags.ts';
import { type Stop, stop } from '../stop.ts';

export type Handover = 'switchover' | 'failover';

/** Who could lead instead: everybody but the leader, without those that may never. */
export function candidatesIn(view: ClusterView, handover: Handover): readonly MemberName[] | Stop {
  const names = view.members
    .filter((each) => each.name !== view.lock?.holder && mayEverLead(each.tags))
    .map((each) => each.name)
    .toSorted();
  return names.length > 0 ? names : stop(`No candidates found to ${handover} to`);
}

/** Why this name cannot be chosen; `null` when it can. */
export function candidateProblem(
  candidate: string,
  given: { readonly candidates: readonly string[]; readonly leader: string | null; readonly cluster: string },
): Stop | null {
  if (given.candidates.includes(candidate)) return null;
  return candidate === given.leader
    ? stop(`Member ${candidate} is already the leader of cluster ${given.cluster}`)
    : stop(`Member ${candidate} does not exist in cluster ${given.cluster} or is tagged as nofailover`);
}

/** In a synchronous mode: is this member one that need not have every acknowledged commit? */
export function isAsynchronous(view: ClusterView, candidate: MemberName): boolean {
  const mode = view.config.kind === 'valid' ? synchronousModeInForce(view.config.config) : 'off';
  if (mode === 'off') return false;
  return view.sync === null || (view.sync.leader !== candidate && !isVoter(view.sync, candidate));
}
