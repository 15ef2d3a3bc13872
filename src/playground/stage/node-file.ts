import { join } from 'node:path';
import { stringify } from 'yaml';
import type { NodeName } from '../names.ts';

/**
 * A node's patroni.yml: three of them share this machine, so each has its own ports and its own folder. It listens at
 * one port and publishes another: the one of the relay through which everybody else comes.
 */
export function nodeFile(node: NodeOnMachine): string {
  const { ports } = node;
  return stringify({
    scope,
    name: node.name,
    log: { type: 'json' },
    restapi: { listen: `127.0.0.1:${ports.api}`, connect_address: `127.0.0.1:${ports.publicApi}` },
    // Asked for its members, the store would tell where it can be reached without the relay.
    etcd3: { hosts: `127.0.0.1:${ports.toStore}`, use_proxies: true },
    bootstrap: {
      dcs: {
        ttl: ttlSeconds,
        loop_wait: 2,
        retry_timeout: 1,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: { wal_keep_size: '128MB' } },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: ['local all all trust', 'host replication replicator 127.0.0.1/32 md5', 'host all all 127.0.0.1/32 md5'],
    },
    postgresql: {
      // Killed in the middle of a rewind it is copied anew, and nobody has to say so.
      remove_data_directory_on_rewind_failure: true,
      listen: `127.0.0.1:${ports.postgres}`,
      connect_address: `127.0.0.1:${ports.publicPostgres}`,
      data_dir: node.dataDirectory,
      bin_dir: node.postgresBinaries,
      pgpass: join(node.folder, 'pgpass'),
      authentication: {
        superuser,
        replication: { username: 'replicator', password: 'playground' },
        rewind: { username: 'rewinder', password: 'playground' },
      },
      parameters: {
        unix_socket_directories: node.folder,
        shared_buffers: '32MB',
        // In the data directory instead of /dev/shm, where a server that is killed would leave it.
        dynamic_shared_memory_type: 'mmap',
      },
    },
  });
}

export const scope = 'playground';
export const ttlSeconds = 5;
export const superuser = { username: 'postgres', password: 'playground' } as const;

export interface NodeOnMachine {
  readonly name: NodeName;
  /** Everything of the node lies in it; short, because PostgreSQL's socket has to fit into 107 bytes. */
  readonly folder: string;
  readonly dataDirectory: string;
  readonly ports: NodePorts;
  readonly postgresBinaries: string;
}

export interface NodePorts {
  /** Where it listens. */
  readonly api: number;
  readonly postgres: number;
  /** Where everybody else finds it: relays. */
  readonly publicApi: number;
  readonly publicPostgres: number;
  /** Its own relay to the store. */
  readonly toStore: number;
}
