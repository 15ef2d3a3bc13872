/** Files as people have them for the other product, unchanged apart from addresses and paths. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { expectTracesToReplay, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { postgresBinaries } from '../support/node-file.ts';
import { storedKeys } from '../support/stored-keys.ts';

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.end();
  cluster = undefined;
}, 1 * minutes);
showLogsOfFailures(() => cluster);

test.for([
  { file: 'hosts-as-text.yml', namespace: '/db/', scope: 'postgres', nameInFile: 'node1' },
  { file: 'hosts-as-list.yml', namespace: '/service/', scope: 'shop', nameInFile: 'shop-a' },
])('$file makes a cluster of three', { timeout: 4 * minutes }, async ({ file, nameInFile, ...wanted }) => {
  const text = readFileSync(join(import.meta.dirname, '../fixtures/config', file), 'utf8');
  cluster = await Cluster.start({
    ...wanted,
    superuserPassword: 'postgres-secret',
    nodeFile: ({ name, ip, folder }) =>
      text
        .replace(`name: ${nameInFile}\n`, `name: ${name}\n`)
        .replaceAll(/(listen|connect_address): 10\.20\.0\.11:/g, `$1: ${ip}:`)
        .replaceAll('10.20.0.', '10.77.0.')
        .replace(/data_dir: .*/, `data_dir: ${join(folder, 'data')}`)
        .replace(/pgpass: .*/, `pgpass: ${join(folder, 'pgpass')}`)
        .replace(/bin_dir: .*/, `bin_dir: ${postgresBinaries()}`)
        .replace('unix_socket_directories: /var/run/postgresql', `unix_socket_directories: ${folder}`),
  });
  const primary = await cluster.untilHealthy();
  expect(await cluster.sql(primary, 'SHOW data_checksums')).toEqual([['on']]);
  expect(await cluster.sql(primary, 'SHOW server_encoding')).toEqual([['UTF8']]);
  const keys = await storedKeys(cluster.store, cluster.keyPrefix);
  expect([...keys.keys()]).toEqual(expect.arrayContaining(['config', 'initialize', 'leader']));
  expect(JSON.parse(keys.get('config')?.value ?? '')).toMatchObject({ ttl: 30, loop_wait: 10, retry_timeout: 10 });
  expectTracesToReplay(cluster);
});
