import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Log } from '../ports/log.ts';
import type { LookUp } from '../ports/names.ts';

/** The addresses that may send unsafe requests; `admits-all` where nothing was configured. */
export type Allowlist = { readonly kind: 'admits-all' } | { readonly kind: 'listed'; readonly addresses: BlockList };

/**
 * Addresses, networks (host bits allowed) and host names; names are resolved now, once. Entries that are neither are logged
 * and skipped. An empty list admits everybody; one that was configured and came to nothing admits nobody
 * (spec/rest-api.md 4 and 18.5).
 */
export async function createAllowlist(
  entries: readonly string[],
  { log, lookUp }: { readonly log: Log; readonly lookUp: LookUp },
): Promise<Allowlist> {
  if (entries.length === 0) return { kind: 'admits-all' };
  const addresses = new BlockList();
  // All at once: the agent begins after this, and a resolver that is away is slow for each of them.
  const added = entries.map(async (entry) => {
    const problem = addAddress(addresses, entry);
    return problem === undefined ? addName(addresses, entry, lookUp) : problem;
  });
  for (const [at, problem] of (await Promise.all(added)).entries()) {
    if (problem !== null) log.write('warn', 'allowlist-entry-skipped', { entry: entries[at] ?? '', problem });
  }
  return { kind: 'listed', addresses };
}

export function isListed(addresses: BlockList, address: string): boolean {
  return addresses.check(plainAddress(address), familyOf(plainAddress(address)));
}

type Skipped = string | null;

/** @returns `undefined` when it is neither an address nor a network. */
function addAddress(to: BlockList, entry: string): Skipped | undefined {
  const [address = '', prefix, ...more] = entry.trim().split('/');
  if (isIP(address) === 0 || more.length > 0) return undefined;
  if (prefix === undefined) {
    to.addAddress(address, familyOf(address));
    return null;
  }
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= (isIPv4(address) ? 32 : 128))) return 'no valid network';
  to.addSubnet(address, bits, familyOf(address));
  return null;
}

async function addName(to: BlockList, name: string, lookUp: LookUp): Promise<Skipped> {
  try {
    for (const address of await lookUp(name.trim())) to.addAddress(address, familyOf(address));
    return null;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** An IPv4 client of a socket that serves both families comes as `::ffff:10.0.0.1`. */
export function plainAddress(address: string): string {
  const inside = address.replace(/^::ffff:/i, '');
  return isIPv4(inside) ? inside : address;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
