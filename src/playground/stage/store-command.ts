import { join } from 'node:path';

/** How etcd is started: alone, with its data in `folder`. */
export function storeCommand(store: {
  readonly etcd: string;
  readonly folder: string;
  readonly port: number;
  readonly peerPort: number;
}): readonly string[] {
  const client = `http://127.0.0.1:${store.port}`;
  const peer = `http://127.0.0.1:${store.peerPort}`;
  return [
    store.etcd,
    `--data-dir=${join(store.folder, 'data')}`,
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
    ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
  ];
}
