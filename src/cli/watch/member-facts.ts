import { clusterOverview, type RoleInCluster } from '../../domain/cluster-overview.ts';
import type { Lsn } from '../../domain/lsn.ts';
import { treeOrder } from '../list/tree.ts';
import type { Scene, WatchedMember } from './scene.ts';

/** What is shown of one member: its agent's own word where there is one, else what it published. */
export type MemberFacts = {
  readonly name: string;
  readonly holdsLock: boolean;
  /** What its server is; of a standby also whether commits wait for it, and whom it follows if that is not the leader. */
  readonly role: string;
  readonly state: string;
  readonly timeline: number | null;
  /** Written, or received. */
  readonly lsn: Lsn | null;
  /** By which rule its agent acts, and what it waits for; `null`: it does not say. */
  readonly doing: { readonly rule: string; readonly waitsFor: string | null } | null;
  readonly hasKey: boolean;
  readonly isSilent: boolean;
};

export function factsOf(scene: Scene): readonly MemberFacts[] {
  const overview = clusterOverview(scene.view);
  const roles = new Map(overview.members.map(({ name, role }) => [name, role]));
  const upstreams = new Map(treeOrder(overview).map(({ member, level, follows }) => [member.name, { level, follows }]));
  return scene.members.map((watched) => {
    const { member, said } = watched;
    const placed = upstreams.get(member.name);
    const cascaded = placed !== undefined && placed.level > 1 ? placed.follows : null;
    return {
      name: member.name,
      holdsLock: scene.view.lock?.holder === member.name,
      role: roleText(said?.role ?? member.role, { inCluster: roles.get(member.name) ?? null, cascaded }),
      state: stateOf(watched),
      timeline: said?.timeline ?? member.timeline,
      lsn: said?.lsn ?? member.receiveLsn ?? member.position,
      doing: said?.doing ?? null,
      hasKey: watched.hasKey,
      isSilent: said === null,
    };
  });
}

function roleText(
  role: string,
  { inCluster, cascaded }: { readonly inCluster: RoleInCluster | null; readonly cascaded: string | null },
): string {
  if (role !== 'replica') return role.replaceAll('_', ' ');
  if (inCluster === 'sync_standby' || inCluster === 'quorum_standby') return inCluster.replace('_', ' ');
  return cascaded === null ? role : `replica of ${cascaded}`;
}

function stateOf({ member, hasKey, said }: WatchedMember): string {
  if (!hasKey) return said === null ? 'gone' : 'no key';
  const { role, state } = said ?? member;
  const replication = said === null ? member.replicationState : said.replication;
  return role === 'replica' && state === 'running' && replication !== null ? replication : state;
}
