import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Log } from '../ports/log.ts';

/** Which addresses may send unsafe requests. */
export type Allowlist = { admits(address: string | undefined): boolean };

/**
 * Addresses, networks (host bits allowed) and host names; names are resolved now, once. Entries that are neither are logged
 * and skipped. An empty list admits everybody; one that was configured and came to nothing admits nobody
 * (spec/rest-api.md 4 and 18.5).
 */
export async function createAllowlist(entries: readonly string[], log: Log): Promise<Allowlist> {
  if (entries.length === 0) return { admits: () => true };
  const admitted = new BlockList();
  for (const entry of entries) {
    const problem = addAddress(admitted, entry) ?? (await addName(admitted, entry));
    if (problem !== null) log.write('warn', 'allowlist-entry-skipped', { entry, problem });
  }
  return { admits: (address) => address !== undefined && admitted.check(plain(address), familyOf(plain(address))) };
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

async function addName(to: BlockList, name: string): Promise<Skipped> {
  try {
    for (const { address } of await lookup(name.trim(), { all: true })) to.addAddress(address, familyOf(address));
    return null;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** An IPv4 client of a socket that serves both families comes as `::ffff:10.0.0.1`. */
function plain(address: string): string {
  const inside = address.replace(/^::ffff:/i, '');
  return isIPv4(inside) ? inside : address;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
