import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { AgentCall, AgentReply } from '../../ports/agent-api.ts';
import { runVersion, type VersionOptions } from './run-version.ts';

async function version(options: Partial<VersionOptions>, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator(world);
  const defaults = { ...globals, cluster: 'demo', members: [], tool: 'patronictl', format: 'text' } as const;
  return { code: await runVersion({ ...defaults, ...options }, line), ...seen };
}

const says = (document: object): AgentReply => ({ kind: 'answered', status: 503, body: JSON.stringify(document) });
const answers = ({ apiUrl }: AgentCall): AgentReply => {
  if (apiUrl.includes('10.0.0.1')) return says({ patroni: { version: '4.1.4' }, server_version: 160_004 });
  if (apiUrl.includes('10.0.0.2')) return says({ patroni: { version: '3.0.2' }, server_version: 90_612 });
  return { kind: 'no-answer', reason: 'connection refused' };
};

test('CTL-73: one line without a cluster, whatever is configured', async () => {
  const { code, stdout, open, calls } = await version({ cluster: null });

  expect([code, open, calls.length]).toEqual([0, 0, 0]);
  expect(stdout).toMatch(/^patronictl version \d+\.\d+\.\d+\n$/);
});

test('CTL-73: with one, an empty line and a line for each member; who is dead is no failure', async () => {
  const { code, stdout } = await version({}, { answers });

  expect(code).toBe(0);
  expect(stdout.split('\n').slice(1)).toEqual([
    '',
    'n1: Patroni 4.1.4 PostgreSQL 16.4',
    'n2: Patroni 3.0.2 PostgreSQL 9.6.12',
    'n3: failed to get version: connection refused',
    '',
  ]);
  expect((await version({ tool: 'matriarch' }, { answers })).code).toBe(1);
});

test('members that are named are asked alone, and unknown names are passed over', async () => {
  const { stdout, calls } = await version(
    { members: ['n2', 'zz'] },
    { answers: () => says({ patroni: { version: '1' } }) },
  );

  expect(calls.length).toBe(1);
  expect(stdout.endsWith('\n\nn2: Patroni 1\n')).toBe(true);
});

test('of an agent of ours its own version is told, which Patroni’s document has no room for', async () => {
  const ours = { agent: 'matriarch/0.1.0', api_url: 'http://10.0.0.1:8008/patroni' };
  const metrics = 'matriarch_build_info{scope="demo",name="n1",version="0.2.0"} 1\n';
  const world: FakeWorld = {
    keys: { 'members/n1': ours },
    answers: (call) => (call.path === '/metrics' ? { kind: 'answered', status: 200, body: metrics } : answers(call)),
  };
  const { stdout } = await version({ tool: 'matriarch', members: ['n1'] }, world);

  expect(stdout).toContain('n1: Matriarch 0.2.0, as Patroni 4.1.4 PostgreSQL 16.4\n');
  const theirs = await version({ members: ['n1'] }, world);
  expect([theirs.calls.length, theirs.stdout.includes('n1: Patroni 4.1.4 ')]).toEqual([1, true]);
});

test('where nobody is asked, that is said', async () => {
  const { code, stderr, calls } = await version({ members: ['zz'], tool: 'matriarch' });

  expect([code, calls.length]).toEqual([1, 0]);
  expect(stderr).toContain('no such member');
});

test('programs get one object', async () => {
  const { stdout } = await version({ format: 'json', tool: 'matriarch' }, { answers });

  expect(JSON.parse(stdout)).toMatchObject({
    members: [{ member: 'n1', agent: '4.1.4', server: '16.4' }, { server: '9.6.12' }, { outcome: 'failed' }],
  });
});
