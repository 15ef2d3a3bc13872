import { expect, test } from 'vitest';
import { loadAgentConfig } from '../wire/config/load.ts';
import { withAbsolutePaths } from './absolute-paths.ts';

function pathsOf(options: string): readonly string[] {
  const text = `
name: a
scope: shop
etcd3: {hosts: [h]}
restapi: {listen: "h:8008"}
postgresql: {listen: "h:5432", authentication: {replication: {username: r}}, ${options}}
`;
  const loaded = loadAgentConfig({ files: [{ path: 'node.yml', text }], environment: { HOME: '/home/p' } });
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  const { dataDir, configDir, binDir, pgpassFile } = withAbsolutePaths(loaded.config, '/srv').postgres;
  return [dataDir, configDir, binDir, pgpassFile];
}

test.each([
  ['data_dir: data/pg0', ['/srv/data/pg0', '/srv/data/pg0', '', '/home/p/pgpass']],
  [
    'data_dir: ../pg0/, config_dir: etc, bin_dir: bin, pgpass: ./pgpass0',
    ['/pg0', '/srv/etc', '/srv/bin', '/srv/pgpass0'],
  ],
  ['data_dir: /data, bin_dir: /usr/lib/pg', ['/data', '/data', '/usr/lib/pg', '/home/p/pgpass']],
])('paths count from where the agent is started: %s', (options, paths) => {
  expect(pathsOf(options)).toEqual(paths);
});
