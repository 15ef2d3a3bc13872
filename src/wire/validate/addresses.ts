import { isJsonList } from '../../domain/json.ts';
import { type Check, type Finding, failed, type Place, wrong } from './check.ts';

/** `'refused'`: nobody listens there. `problem`: why that cannot be said, as where a name is unknown. */
export type Connecting = 'accepted' | 'refused' | { readonly problem: string };

/** What a check may ask the machine that it runs on. */
export type Network = {
  connects(host: string, port: number): Connecting;
  ownAddresses(): readonly string[];
};

/** Under which others reach this one: never an address that only this machine understands. */
export const connectAddress: Check = (place) => {
  if (typeof place.value !== 'string') return wrong(place, 'is not a string');
  const split = splitAddress(place.value);
  if (split === null) return failed(place, 'contains a wrong value');
  if (split.hosts.some((host) => LOCAL.has(host)))
    return failed(place, 'must not contain "127.0.0.1", "0.0.0.0", "*", "::1", "localhost"');
  return [];
};

const LOCAL: ReadonlySet<string> = new Set(['127.0.0.1', '0.0.0.0', '*', '::1', 'localhost']);

/** Where this member is to listen; `'may-be-taken'`: whoever listens there now may be the one that is checked. */
export function listenAddress(network: Network, ports: 'have-to-be-free' | 'may-be-taken'): Check {
  return (place) => {
    if (typeof place.value !== 'string') return wrong(place, 'is not a string');
    const split = splitAddress(place.value);
    if (split === null) return failed(place, 'contains a wrong value');
    if (split.hosts.includes('*') && split.hosts.length > 1) return failed(place, "expecting '*' alone");
    const hosts = split.hosts.includes('*') ? network.ownAddresses() : split.hosts;
    for (const host of hosts) {
      const outcome = network.connects(host, split.port);
      if (typeof outcome === 'object') return failed(place, outcome.problem);
      if (outcome === 'accepted' && ports === 'have-to-be-free')
        return failed(place, `Port ${split.port} is already in use.`);
    }
    return [];
  };
}

/** One address of somebody else, who has to answer. */
export function reachable(network: Network): Check {
  return (place) => {
    const { value } = place;
    return typeof value === 'string' ? reaches(network, place, value) : wrong(place, 'is not a string');
  };
}

/** Several of them: a list, or a text with commas between. */
export function allReachable(network: Network): Check {
  return (place) => {
    const { value, path } = place;
    if (typeof value === 'string') {
      for (const address of value.split(',')) {
        const found = reaches(network, place, address.trim());
        if (found.length > 0) return found;
      }
      return [];
    }
    if (!isJsonList(value)) return [...wrong(place, 'is not a string'), ...wrong(place, 'is not a list')];
    const each = value.map((item, at) => reachable(network)({ path: [...path, String(at)], value: item }));
    return each.flat();
  };
}

function reaches(network: Network, place: Place, address: string): readonly Finding[] {
  const split = splitAddress(address);
  const host = split?.hosts[0];
  if (split === null || host === undefined) return failed(place, 'contains a wrong value');
  const outcome = network.connects(host, split.port);
  if (outcome === 'accepted') return [];
  return failed(place, typeof outcome === 'object' ? outcome.problem : `${address} is not reachable`);
}

/** As Patroni splits them: at the last colon, and a port that is missing counts as 1. */
function splitAddress(address: string): { readonly hosts: readonly string[]; readonly port: number } | null {
  const colon = address.lastIndexOf(':');
  const left = colon === -1 ? address : address.slice(0, colon);
  const right = colon === -1 ? '1' : address.slice(colon + 1);
  const isIpv6 = left.includes('::') || left.split(':').length > 2 || left.includes('[');
  if (!/^\s*\d{1,5}\s*$/.test(right) || (left.includes(':') && !isIpv6)) return null;
  const hosts = left.split(',').map((each) => each.trim().replace(/^\[(.*)\]$/, '$1'));
  return { hosts: hosts.map((host) => (host === '' ? '*' : host)), port: Number(right) };
}
