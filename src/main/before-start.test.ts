import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePorts } from '../../test/support/free-port.ts';
import { loadAgentConfig } from '../wire/config/load.ts';
import { obstaclesBeforeStart } from './before-start.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-before-'));
const file = join(folder, 'file');
const loop = join(folder, 'loop');
writeFileSync(file, '');
symlinkSync(loop, loop);
afterAll(() => rmSync(folder, { recursive: true }));

async function optionsInTheWay(places: { readonly dataDir: string; readonly logDir: string }): Promise<unknown> {
  const [apiPort, serverPort] = await freePorts(2);
  const text = `
name: a
scope: shop
etcd3: {hosts: [h]}
restapi: {listen: "127.0.0.1:${apiPort}", connect_address: "127.0.0.1:8008"}
log: {dir: ${places.logDir}}
postgresql:
  listen: 127.0.0.1:${serverPort}
  connect_address: 127.0.0.1:5432
  data_dir: ${places.dataDir}
  pgpass: ${join(folder, 'pgpass')}
  authentication: {replication: {username: r}}
`;
  const loaded = loadAgentConfig({ files: [{ path: 'node.yml', text }], environment: {} });
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  const obstacles = await obstaclesBeforeStart(loaded.config, folder);
  return obstacles.map(({ option }) => option).filter((option) => option !== 'postgresql.bin_dir');
}

test.each([
  ['nothing', { dataDir: join(folder, 'data'), logDir: folder }, []],
  [
    'a folder for logs that cannot be looked at',
    { dataDir: join(folder, 'data'), logDir: join(loop, 'log') },
    ['log.dir'],
  ],
  ['a data directory below a file', { dataDir: join(file, 'data'), logDir: folder }, ['postgresql.data_dir']],
])('what a person has to mend is named by its option: %s', async (_what, places, options) => {
  expect(await optionsInTheWay(places)).toEqual(options);
});
