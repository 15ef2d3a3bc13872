import { clusterOverview } from '../../domain/cluster-overview.ts';
import type { MemberName } from '../../domain/names.ts';
import type { SeenCluster } from '../groups.ts';
import { membersOfRole } from '../members/choose-members.ts';
import type { Role } from '../members/words.ts';
import { type Stop, stop } from '../stop.ts';

/** Which server is meant: by role or by name, not by both; without either it is the leader's. */
export type ServerWords = { readonly role: Role | null; readonly member: string | null };

export type Server = { readonly member: MemberName; readonly host: string; readonly port: number };

/** @returns why the words make no sense together; `null`: they do. */
export function contradiction({ role, member }: ServerWords): Stop | null {
  return role !== null && member !== null ? stop('--role and --member are mutually exclusive options') : null;
}

/** The first that is meant, in the order of the store; `null`: there is none, or none with an address. */
export function chooseServer(seen: SeenCluster, { role, member }: ServerWords): Server | null {
  const addresses = new Map(
    seen.groups.flatMap(({ view }) => clusterOverview(view).members.map((each) => [each.name, each.address])),
  );
  const meant = membersOfRole(seen, role ?? (member === null ? 'leader' : 'any'));
  const found = meant.find(({ name }) => member === null || name === member);
  const address = found === undefined ? null : (addresses.get(found.name) ?? null);
  return found === undefined || address === null ? null : { member: found.name, ...address };
}
