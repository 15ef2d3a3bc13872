import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../test/support/command.ts';
import { Etcd } from '../../test/support/etcd.ts';
import { call, matriarchCommand } from '../../test/support/matriarch.ts';

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

test.each([
  ['CTL-26: a format that there is none', ['list', '-f', 'nonsense'], /nonsense/],
  ['CTL-26: a command that there is none', ['lst'], /Error: Unknown command 'lst'/],
  ['CTL-26: a cluster that is missing', ['restart'], /Error: Missing required argument 'cluster'/],
  ['CTL-59: a flush of nothing', ['flush', 'demo'], /Error: /],
  ['a global option behind the command', ['list', '-k'], /Error: Unknown option '-k'/],
])('%s is wrong usage, which ends with 2 and says so on stderr', async (_what, args, complaint) => {
  const { code, stdout, stderr } = await call(matriarchCommand(args, 'patronictl'));

  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Usage: patronictl .*\nTry 'patronictl .*--help' for help\.\n\nError: /);
  expect(stderr).toMatch(complaint);
});
