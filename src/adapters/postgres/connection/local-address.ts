import type { LocalPostgresConfig } from '../../../domain/agent-config.ts';
import type { Listening } from '../process/listening.ts';

/**
 * How this machine reaches its own server (spec/postgres.md 3.4). What the running server says of itself wins over the
 * configuration: it takes that up when it is started anew.
 */
export function localAddress(
  config: Pick<LocalPostgresConfig, 'listenAddresses' | 'port'>,
  running: Listening | null,
  via: 'tcp' | 'unix-socket',
): { readonly host: string; readonly port: number } {
  const port = running?.port ?? config.port;
  const socketDirectory = running?.socketDirectory ?? null;
  return via === 'unix-socket' && socketDirectory !== null
    ? { host: socketDirectory, port }
    : { host: localTcpHost(running?.addresses ?? config.listenAddresses), port };
}

/**
 * Wildcards and loopback addresses are reached as `localhost`; otherwise the first address is as good as any. Whoever calls `::`
 * comes in from `::1`, and that is whom pg_hba.conf has to name; `localhost` need not be an address of IPv6.
 */
export function localTcpHost(listenAddresses: string): string {
  const items = listenAddresses.split(',').map((item) => item.trim());
  if (items.some((item) => ['*', 'localhost', '0.0.0.0', '127.0.0.1'].includes(item))) return 'localhost';
  const [first = ''] = items;
  if (first === '') return 'localhost';
  return first === '::' ? '::1' : first;
}
