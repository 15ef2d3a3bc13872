/** The same commands under the same name: Patroni's own tool and ours, on the same keys of a real store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isPatroniInstalled } from '../support/agents.ts';
import { Etcd } from '../support/etcd.ts';
import { type Called, call, matriarchCommand } from '../support/matriarch.ts';

let etcd: Etcd;
const folder = mkdtempSync(join(tmpdir(), 'matriarch-mixed-'));
const file = join(folder, 'patronictl.yml');
beforeAll(async () => {
  etcd = await Etcd.start({ members: 1 });
  writeFileSync(file, `scope: demo\nnamespace: /db/\netcd3: { hosts: '${etcd.endpoints[0] ?? ''}' }\n`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await etcd.stop();
});

const config = {
  ttl: 30,
  loop_wait: 10,
  retry_timeout: 10,
  maximum_lag_on_failover: 1_048_576,
  postgresql: { use_slots: true, parameters: { wal_log_hints: 'on', max_connections: 100, 'my.word': 'a: b' } },
};

/** Keys whose agents nobody reaches: each command sees the same. */
beforeEach(async () => {
  const keys: Readonly<Record<string, unknown>> = {
    initialize: '7400000000000000001',
    leader: 'n1',
    config,
    failover: {},
    history: [
      [1, 25_623_960, 'no recovery target specified'],
      [2, 83_886_176, 'no recovery target specified', '2031-05-04T10:00:00+00:00', 'n1'],
    ],
    'members/n1': member('1', { role: 'primary' }),
    'members/n2': member('2', { role: 'replica' }),
    'members/n3': member('3', { role: 'replica', tags: { nofailover: true } }),
  };
  for (const [key, value] of Object.entries(keys)) {
    await etcd.ctl('put', `/db/demo/${key}`, typeof value === 'string' ? value : JSON.stringify(value));
  }
});

function member(host: string, more: object): object {
  const api = { conn_url: `postgres://10.0.0.${host}:5432/postgres`, api_url: 'http://127.0.0.1:1/patroni' };
  return { ...api, state: 'running', version: '3.0.2', timeline: 3, ...more };
}

describe.skipIf(!isPatroniInstalled())('both tools say the same and end with the same status', () => {
  test.for<{ readonly args: readonly string[]; readonly input?: string }>([
    { args: ['show-config'] },
    { args: ['history'] },
    { args: ['history', '-f', 'json'] },
    { args: ['history', '-f', 'tsv'] },
    { args: ['history', '-f', 'yaml'] },
    { args: ['edit-config', '-s', 'ttl=30'] },
    { args: ['edit-config', '-s', 'novalue'] },
    { args: ['edit-config', '-s', 'a.b.c=[1, {d: 2}]', '-p', 'ext.guc=on', '--force'] },
    { args: ['edit-config', '-s', 'ttl=null', '-p', 'max_connections=200'], input: 'n\n' },
    { args: ['edit-config', '-p', 'wal_log_hints=null', '-p', 'work_mem=8MB', '-q'], input: 'y\n' },
    { args: ['edit-config', '--apply', '-'], input: 'postgresql:\n  parameters:\n    max_connections: 50\n' },
    { args: ['edit-config', '--replace', '-', '--force'], input: 'ttl: 20\nx: null\ny: {z: null}\n' },
    { args: ['resume'] },
  ])('$args', async ({ args, input = '' }) => {
    const theirs = await call(['patronictl', '-c', file, ...args], { input });
    const stored = await etcd.ctl('get', '/db/demo/config', '--print-value-only');
    await etcd.ctl('put', '/db/demo/config', JSON.stringify(config));
    const ours = await call(matriarchCommand(['-c', file, ...args], 'patronictl'), { input });

    expect(said(ours)).toEqual(said(theirs));
    expect(JSON.parse(await etcd.ctl('get', '/db/demo/config', '--print-value-only'))).toEqual(JSON.parse(stored));
  });

  test('a switchover that no agent answers leaves the same request behind', async () => {
    const args = ['switchover', '--candidate', 'n2', '--force'] as const;
    const request = () => etcd.ctl('get', '/db/demo/failover', '--print-value-only');
    const theirs = await call(['patronictl', '-c', file, ...args]);
    const left = await request();
    const ours = await call(matriarchCommand(['-c', file, ...args], 'patronictl'));

    expect([ours.code, theirs.code]).toEqual([0, 0]);
    expect(JSON.parse(await request())).toEqual(JSON.parse(left));
  });
});

/** Data and status, and the errors among what may also be warnings of a library. */
function said({ code, stdout, stderr }: Called) {
  return { code, stdout, errors: stderr.split('\n').filter((each) => /^(Error: |Aborted!)/.test(each)) };
}
