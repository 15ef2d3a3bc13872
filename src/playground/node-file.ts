import { join } from 'node:path';
import { stringify } from 'yaml';

/** A node's patroni.yml: three of them share this machine, so each has its own ports and its own folder. */
export function nodeFile(node: NodeOnMachine): string {
  return stringify({
    scope: 'demo',
    name: node.name,
    log: { type: 'json' },
    restapi: { listen: `127.0.0.1:${node.apiPort}`, connect_address: `127.0.0.1:${node.apiPort}` },
    etcd3: { hosts: `127.0.0.1:${node.storePort}` },
    bootstrap: {
      dcs: {
        ttl: 5,
        loop_wait: 2,
        retry_timeout: 1,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: { wal_keep_size: '128MB' } },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: ['local all all trust', 'host replication replicator 127.0.0.1/32 md5', 'host all all 127.0.0.1/32 md5'],
    },
    postgresql: {
      listen: `127.0.0.1:${node.postgresPort}`,
      connect_address: `127.0.0.1:${node.postgresPort}`,
      data_dir: join(node.folder, 'data'),
      bin_dir: node.postgresBinaries,
      pgpass: join(node.folder, 'pgpass'),
      authentication: {
        superuser,
        replication: { username: 'replicator', password: 'demo' },
        rewind: { username: 'rewinder', password: 'demo' },
      },
      parameters: { unix_socket_directories: node.folder, shared_buffers: '32MB' },
    },
  });
}

export const superuser = { username: 'postgres', password: 'demo' } as const;

export interface NodeOnMachine {
  readonly name: string;
  /** Everything of the node lies in it; short, because PostgreSQL's socket has to fit into 107 bytes. */
  readonly folder: string;
  readonly apiPort: number;
  readonly postgresPort: number;
  readonly storePort: number;
  readonly postgresBinaries: string;
}
