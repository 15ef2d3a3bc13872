import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** A node's `patroni.yml`, as both products read it. */
export function nodeFile(node: NodeFile): string {
  return stringify({
    scope: node.scope,
    namespace: '/service/',
    name: node.name,
    restapi: { listen: `${node.ip}:8008`, connect_address: `${node.ip}:8008` },
    etcd3: { hosts: [...node.storeEndpoints] },
    bootstrap: {
      dcs: {
        ...node.timings,
        maximum_lag_on_failover: 1_048_576,
        postgresql: sharedPostgresql,
        ...node.dynamic,
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: [
        'local all all trust',
        `host replication ${users.replication.username} 0.0.0.0/0 md5`,
        'host all all 0.0.0.0/0 md5',
      ],
    },
    postgresql: {
      listen: `${node.ip},127.0.0.1:5432`,
      connect_address: `${node.ip}:5432`,
      data_dir: join(node.folder, 'data'),
      bin_dir: postgresBinaries(),
      pgpass: join(node.folder, 'pgpass'),
      authentication: users,
      parameters: {
        unix_socket_directories: node.folder,
        shared_buffers: '32MB',
        // As in production: the collector is one more process that outlives the postmaster.
        logging_collector: 'on',
        log_directory: join(node.folder, 'postgres-log'),
        log_filename: 'postgres.log',
        log_line_prefix: '%m [%p] ',
        ...node.parameters,
      },
    },
  });
}

/** What `bootstrap.dcs` says under `postgresql`. */
export const sharedPostgresql = {
  use_pg_rewind: true,
  use_slots: true,
  parameters: { wal_keep_size: '256MB', max_connections: 100 },
} as const;

export interface NodeFile {
  readonly scope: string;
  readonly name: string;
  readonly ip: string;
  /** The host's folder: everything of the node lies in it. */
  readonly folder: string;
  readonly storeEndpoints: readonly string[];
  readonly timings: Timings;
  /** More for `bootstrap.dcs`. */
  readonly dynamic: Readonly<Record<string, unknown>>;
  /** More for `postgresql.parameters`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** In seconds, as the file has them. */
export interface Timings {
  readonly ttl: number;
  readonly loop_wait: number;
  readonly retry_timeout: number;
}

export const users = {
  superuser: { username: 'postgres', password: 'zebra' },
  replication: { username: 'replicator', password: 'giraffe' },
  rewind: { username: 'rewinder', password: 'okapi' },
} as const;

/** The newest PostgreSQL of Debian's packages. */
export function postgresBinaries(): string {
  const base = '/usr/lib/postgresql';
  const [newest] = readdirSync(base).toSorted((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error('no PostgreSQL is installed (./run setup)');
  return join(base, newest, 'bin');
}
