import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { AgentCall, AgentReply } from '../../ports/agent-api.ts';
import { type EventsOptions, runEvents } from './run-events.ts';

async function events(options: Partial<EventsOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator(world);
  const defaults = { ...globals, cluster: 'demo', members: [], limit: 50, format: 'text' } as const;
  return { code: await runEvents({ ...defaults, ...options }, line), ...seen };
}

const event = (second: number, member: string, more = {}) => {
  const at = `2031-05-04T10:00:0${second}.123+00:00`;
  return { at, member, event: 'role', rule: 'promote', level: 'info', facts: { to: 'primary' }, ...more };
};
const told = (...list: readonly object[]): AgentReply => {
  return { kind: 'answered', status: 200, body: JSON.stringify({ events: list }) };
};
const answers = ({ apiUrl }: AgentCall): AgentReply =>
  apiUrl.includes('10.0.0.1')
    ? told(event(1, 'n1'), event(4, 'n1'))
    : told(event(3, apiUrl.includes('.2:') ? 'n2' : 'n3'));

const members = (stdout: string) =>
  [...stdout.matchAll(/ {2}(n\d): role by rule promote to=primary$/gm)].map(([, name]) => name);

test('what all agents remember is told in one order, newest last', async () => {
  const { code, stdout, calls } = await events({}, { answers });

  expect([code, members(stdout)]).toEqual([0, ['n1', 'n2', 'n3', 'n1']]);
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:01\.123 {2}n1: /);
  expect(calls.map(({ path }) => path)).toEqual(Array.from({ length: 3 }, () => '/events?limit=50'));
});

test('an event is one line, however many its facts have', async () => {
  const failed = event(1, 'n1', { facts: { problem: 'pg_rewind: error:\r\n  could not connect\n', after: 2 } });
  const { stdout } = await events({ members: ['n1'] }, { answers: () => told(failed) });

  expect(stdout).toMatch(/^[^\n]* problem=pg_rewind: error: could not connect after=2\n$/);
});

test('a limit is that of all together', async () => {
  expect(members((await events({ limit: 2 }, { answers })).stdout)).toEqual(['n3', 'n1']);
});

test('a member that cannot tell is named, and the others are told all the same', async () => {
  const silent = ({ apiUrl }: AgentCall): AgentReply => {
    if (apiUrl.includes('10.0.0.2')) return { kind: 'answered', status: 404, body: '' };
    return apiUrl.includes('10.0.0.3') ? { kind: 'no-answer', reason: 'refused' } : told(event(1, 'n1'));
  };
  const { code, stdout, stderr } = await events({}, { answers: silent });

  expect([code, members(stdout)]).toEqual([1, ['n1']]);
  expect(stderr).toBe(
    'Nothing is known from n2: its agent keeps no events (status 404)\n' +
      'Nothing is known from n3: its agent does not answer (refused)\n',
  );
  expect(JSON.parse((await events({ format: 'json' }, { answers: silent })).stdout)).toMatchObject({
    events: [{ member: 'n1', rule: 'promote' }],
    silent: [{ member: 'n2' }, { member: 'n3' }],
  });
});

test('members that are named are asked alone; one that there is none is an error', async () => {
  expect((await events({ members: ['n2'] }, { answers })).calls).toHaveLength(1);
  expect(await events({ members: ['zz'] }, { answers })).toMatchObject({
    code: 1,
    stderr: 'Error: No such member: zz. Members of cluster demo: n1, n2, n3\n',
  });
});
