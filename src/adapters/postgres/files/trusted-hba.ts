import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { LocalPostgresConfig } from '../../../domain/agent-config.ts';
import { localTcpHost } from '../connection/local-address.ts';
import { linesFile } from './config-text.ts';

/**
 * A pg_hba.conf that lets nobody in but our own users from this machine, without a password (spec/postgres.md 6.5): in
 * what was restored their passwords may be others.
 */
export async function trustedHba(
  postgres: Pick<LocalPostgresConfig, 'listenAddresses' | 'superuser' | 'replication'>,
): Promise<string> {
  const host = localTcpHost(postgres.listenAddresses);
  const found = await lookup(host, { all: true }).catch(() => []);
  const addresses = found.map(({ address }) => `${address}/${isIPv6(address) ? '128' : '32'}`);
  const origins = ['local', ...[...new Set(addresses)].map((address) => `host\t${address}`)];
  return linesFile(
    origins.flatMap((origin) => {
      const [kind = '', address] = origin.split('\t');
      const line = (database: string, user: string): string =>
        [kind, database, quoted(user), ...(address === undefined ? [] : [address]), 'trust'].join('\t');
      return [line('replication', postgres.replication.username), line('all', postgres.superuser.username)];
    }),
  );
}

/** So that a user called like one of the file's own words is a user. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
