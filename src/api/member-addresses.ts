import { isIP } from 'node:net';
import type { ClusterView } from '../domain/cluster-view.ts';
import type { LookUp } from '../ports/names.ts';
import { plainAddress } from './allowlist.ts';

/**
 * Is this one of the members, by the hosts of the API addresses that they published? Names are looked up anew for each
 * request, all at once; a name that cannot be found is nobody's address. Without a view there are no members
 * (spec/rest-api.md 4).
 */
export async function isMemberAddress(address: string, view: ClusterView | null, lookUp: LookUp): Promise<boolean> {
  const hosts = (view?.members ?? []).flatMap(({ apiUrl }) => hostOf(apiUrl));
  const wanted = plainAddress(address);
  if (hosts.some((host) => plainAddress(host) === wanted)) return true;
  const names = hosts.filter((host) => isIP(host) === 0);
  const found = await Promise.allSettled(names.map(lookUp));
  return found.some((each) => each.status === 'fulfilled' && each.value.includes(wanted));
}

function hostOf(apiUrl: string | null): readonly string[] {
  if (apiUrl === null || !URL.canParse(apiUrl)) return [];
  return [new URL(apiUrl).hostname.replace(/^\[|\]$/g, '')];
}
