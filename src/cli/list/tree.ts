import type { ClusterOverview, MemberOverview } from '../../domain/cluster-overview.ts';
import type { MemberName } from '../../domain/names.ts';
import { replicatesFrom } from '../../domain/tags.ts';

/** A member in the tree of who follows whom. `level` 0 is the leader's; `follows` is `null` for it, or when nobody leads. */
export type Placed = {
  readonly member: MemberOverview;
  readonly level: number;
  readonly follows: MemberName | null;
};

/**
 * The leader, and below each member those that follow it, by name. Whoever names no other follower in `replicatefrom`
 * follows the leader. A circle of such names follows nobody who leads: its members stand at the first level (spec/ctl.md
 * 7 and 12.6).
 */
export function treeOrder({ members }: ClusterOverview): readonly Placed[] {
  const leader = members.find(isLeader) ?? null;
  const followers = members.filter((each) => each !== leader);
  const upstreamOf = (member: MemberOverview): MemberOverview | null => {
    const name = replicatesFrom(member.tags);
    return followers.find((each) => each.name === name && each !== member) ?? null;
  };
  const upstreams = new Map(followers.map((each) => [each, leadsUp(each, upstreamOf) ? upstreamOf(each) : null]));
  const below = (upstream: MemberOverview | null, level: number): readonly Placed[] =>
    followers
      .filter((each) => upstreams.get(each) === upstream)
      .flatMap((member) => [
        { member, level, follows: (upstream ?? leader)?.name ?? null },
        ...below(member, level + 1),
      ]);
  return [...(leader === null ? [] : [{ member: leader, level: 0, follows: null }]), ...below(null, 1)];
}

function isLeader({ role }: MemberOverview): boolean {
  return role === 'leader' || role === 'standby_leader';
}

/** Does the chain of upstreams end, or does it come back to this member? */
function leadsUp(member: MemberOverview, upstreamOf: (of: MemberOverview) => MemberOverview | null): boolean {
  const seen = new Set<MemberOverview>();
  for (let each = upstreamOf(member); each !== null; each = upstreamOf(each)) {
    if (each === member) return false;
    if (seen.has(each)) return true;
    seen.add(each);
  }
  return true;
}
