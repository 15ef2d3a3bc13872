import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from './command.ts';

/** What a person does by docs/installation.md, in a root that is not booted yet: two members and a store on one host. */
export async function installArchive(
  root: string,
  archive: { readonly path: string; readonly name: string },
): Promise<void> {
  const home = join(root, 'opt/matriarch');
  mkdirSync(home, { recursive: true });
  await run(['tar', '-xzf', archive.path, '-C', home], { limitMs: 60_000 });
  symlinkSync(archive.name, join(home, 'current'));
  for (const name of ['matriarch', 'patronictl']) {
    symlinkSync(`/opt/matriarch/current/bin/${name}`, join(root, 'usr/local/bin', name));
  }
  mkdirSync(join(root, 'usr/local/share/man'), { recursive: true });
  cpSync(join(home, 'current/share/man'), join(root, 'usr/local/share/man'), { recursive: true });
  cpSync(join(home, 'current/share/systemd'), join(root, 'etc/systemd/system'), { recursive: true });
  mkdirSync(join(root, 'etc/matriarch'), { recursive: true });
  for (const member of members) writeFileSync(fileOf(root, member.name), nodeFile(member));
  // The package would start a PostgreSQL of its own.
  symlinkSync('/dev/null', join(root, 'etc/systemd/system/postgresql.service'));
  const wanted = join(root, 'etc/systemd/system/multi-user.target.wants');
  mkdirSync(wanted, { recursive: true });
  for (const { name } of members) symlinkSync('../matriarch@.service', join(wanted, unitOf(name)));
}

interface Member {
  readonly name: string;
  readonly apiPort: number;
  readonly port: number;
}

const members: readonly Member[] = [
  { name: 'n1', apiPort: 8011, port: 5441 },
  { name: 'n2', apiPort: 8012, port: 5442 },
];

export function unitOf(member: string): string {
  return `matriarch@${member}.service`;
}

export function fileOf(root: string, member: string): string {
  return join(root, 'etc/matriarch', `${member}.yml`);
}

export function dataOf(member: string): string {
  return `/var/lib/postgresql/${member}`;
}

/** Seconds; a start of the agent takes much less, also on a machine that is busy. */
export const ttl = 20;

function nodeFile({ name, apiPort, port }: Member): string {
  return stringify({
    scope: 'shop',
    name,
    restapi: { listen: `127.0.0.1:${apiPort}`, connect_address: `127.0.0.1:${apiPort}` },
    etcd3: { hosts: ['127.0.0.1:2379'] },
    bootstrap: {
      dcs: { ttl, loop_wait: 2, retry_timeout: 3, postgresql: { use_pg_rewind: true } },
      initdb: ['data-checksums'],
      pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: dataOf(name),
      bin_dir: '/usr/lib/postgresql/15/bin',
      pgpass: `${dataOf(name)}.pgpass`,
      authentication: { superuser: { username: 'postgres' }, replication: { username: 'replicator' } },
      parameters: { unix_socket_directories: '/run/postgresql', shared_buffers: '32MB' },
    },
  });
}
