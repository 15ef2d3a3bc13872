import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import { type RemoteOptions, runRemote } from './run-remote.ts';

const host = { host: 'h', port: null, restoreCommand: null, primarySlotName: null };

async function remote(options: Partial<RemoteOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator({ answers: () => ({ kind: 'answered', status: 200, body: '{}' }), ...world });
  const code = await runRemote(
    { ...globals, cluster: 'demo', force: true, format: 'text', follow: host, ...options },
    line,
  );
  expect(seen.open).toBe(0);
  return { ...seen, code };
}

const leads = (role: string, state = 'running') => ({
  'members/n1': { conn_url: 'postgres://10.0.0.1:5432/postgres', api_url: 'http://10.0.0.1:8008/patroni', state, role },
});

test('CTL-79: without anything to follow it fails; with a host that alone is asked for, and watched until it is so', async () => {
  const nothing = await remote({ follow: { ...host, host: null } });
  expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('At least --host') });

  let reads = 0;
  const keys = () => {
    reads += 1;
    return reads < 3 ? leads('primary') : leads('standby_leader');
  };
  const done = await remote({}, { keys });
  expect(done.code).toBe(0);
  expect(done.calls).toEqual([
    {
      apiUrl: 'http://10.0.0.1:8008/patroni',
      method: 'PATCH',
      path: '/config',
      body: { standby_cluster: { host: 'h' } },
    },
  ]);
  expect(done.stdout).toMatch(/ cluster is unlocked: False, leader role: primary, leader state: running\n/);
  expect(done.stdout).toMatch(/ cluster is successfully demoted\n\+ Cluster: demo/);
});

test('CTL-80: a cluster that is what is wanted already is an error', async () => {
  const stderr = 'Error: Cluster is already in the required state\n';
  expect(await remote({ follow: null }, { keys: leads('primary') })).toMatchObject({ code: 1, stderr });
  expect(await remote({}, { keys: leads('standby_leader') })).toMatchObject({ code: 1, stderr });
});

test('promote-cluster takes the section away', async () => {
  let reads = 0;
  const keys = () => {
    reads += 1;
    return leads(reads < 2 ? 'standby_leader' : 'primary');
  };
  const { calls, stdout } = await remote({ follow: null }, { keys });
  expect(calls[0]?.body).toEqual({ standby_cluster: null });
  expect(stdout).toMatch(/ cluster is successfully promoted\n/);
});

test('a refusal is told twice, as by the other tool', async () => {
  const answers = () => ({ kind: 'answered', status: 401, body: 'no' }) as const;
  const twice = 'Failed to demote demo cluster: Failed to demote demo cluster: /config PATCH status code=401, (no)';
  expect(await remote({}, { answers, keys: leads('primary') })).toMatchObject({ code: 1, stderr: `Error: ${twice}\n` });
});

test('programs get one object, and the progress stands beside it', async () => {
  let reads = 0;
  const keys = () => {
    reads += 1;
    return reads < 3 ? leads('primary') : leads('standby_leader');
  };
  const { stdout, stderr } = await remote({ format: 'json' }, { keys });

  expect(JSON.parse(stdout)).toEqual({ action: 'demote', done: true, leader: 'n1' });
  expect(stderr).toMatch(/ leader role: primary, .*\n.* cluster is successfully demoted\n$/);
});

test('a store that falls silent meanwhile: the change stands, and that is told', async () => {
  let reads = 0;
  const storeSilence = () => {
    reads += 1;
    return reads > 1 ? 'timeout' : null;
  };
  const { code, stderr } = await remote({}, { storeSilence, keys: leads('primary') });

  expect(code).toBe(1);
  expect(stderr).toMatch(/timeout\nThe cluster is told to demote, and goes on with that\n$/);
});
