import { resolveSrv } from 'node:dns/promises';
import type { StoreConfig } from '../../domain/agent-config.ts';
import { type EtcdEndpoint, endpointUrl, parseClientUrl } from './endpoint.ts';
import { KnownNames } from './known-names.ts';

/** As `node:dns` answers: the records of one name; rejected where there are none. */
export type ResolveSrv = (name: string) => Promise<readonly ServiceRecord[]>;

type ServiceRecord = {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
};

/**
 * The endpoints that DNS names for a domain. Asked anew for each connection, and kept like any name: what was found counts
 * until something else is.
 */
export function findByService(
  { domain, suffix }: NonNullable<StoreConfig['srv']>,
  resolve: ResolveSrv = resolveSrv,
): () => Promise<readonly EtcdEndpoint[]> {
  const known = new KnownNames(() => endpointsOf({ domain, suffix }, resolve));
  return async () => (await known.addressesOf(domain)).map(parseClientUrl).filter((each) => each !== null);
}

/** The first kind of record that there is, in Patroni's order; without those of the members among themselves. */
const SERVICES = [
  ['_etcd-client-ssl', 'https'],
  ['_etcd-client', 'http'],
  ['_etcd-ssl', 'https'],
  ['_etcd', 'http'],
] as const;

async function endpointsOf(
  { domain, suffix }: NonNullable<StoreConfig['srv']>,
  resolve: ResolveSrv,
): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const [service, protocol] of SERVICES) {
    const name = `${service}${suffix === null ? '' : `-${suffix}`}._tcp.${domain}`;
    try {
      const records = await resolve(name);
      if (records.length > 0)
        return [...records]
          .sort((a, b) => (a.priority === b.priority ? b.weight - a.weight : a.priority - b.priority))
          .map((each) => endpointUrl({ protocol, address: `${each.name}:${each.port}` }));
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`no service record of etcd below ${domain}: ${reasons.join('; ')}`);
}
