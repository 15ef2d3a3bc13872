import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../test/support/command.ts';
import { Etcd } from '../../test/support/etcd.ts';

const main = join(import.meta.dirname, 'main.ts');
let etcd: Etcd;

beforeAll(async () => {
  etcd = await Etcd.start({ members: 1 });
  await etcd.ctl('put', '/db/demo/initialize', '7400000000000000001');
  await etcd.ctl('put', '/db/demo/leader', 'n1');
  await etcd.ctl('put', '/db/demo/members/n1', '{"conn_url":"postgres://10.0.0.1:5432/postgres","state":"running"}');
  // Another cluster whose name begins with the same letters.
  await etcd.ctl('put', '/db/demo2/members/x', '{"state":"running"}');
});
afterAll(() => etcd.stop());

function matriarch(...args: readonly string[]): Promise<string> {
  return run([process.execPath, main, ...args], { limitMs: 60_000 });
}

test('list reads one cluster from a real store and ends by itself', async () => {
  const url = `etcd3://${etcd.endpoints[0] ?? ''}/db`;

  expect(await matriarch('-d', url, 'list', 'demo', '-f', 'json')).toBe(
    '[{"Cluster": "demo", "Member": "n1", "Host": "10.0.0.1", "Role": "Leader", "State": "running"}]\n',
  );
  expect(await matriarch('-d', url, 'list', 'demo', '--json')).toBe(
    await matriarch('-d', url, 'list', 'demo', '-f', 'json'),
  );
  expect(await matriarch('list', 'nosuch', '--dcs-url', url)).toContain('+ Cluster: nosuch (uninitialized) -');
});

test('CTL-26: wrong usage ends with 2 and says so on stderr', async () => {
  const child = spawn(process.execPath, [main, 'list', '-f', 'nonsense']);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = await once(child, 'close');

  expect(code).toBe(2);
  expect(complaint).toContain('nonsense');
});
