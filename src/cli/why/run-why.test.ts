import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { renderJson } from '../../wire/json.ts';
import { runWhy, type WhyOptions } from './run-why.ts';

async function why(options: Partial<WhyOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator({ keys: ours, answers: decides({}), ...world });
  const ruleSays = () => null;
  const code = await runWhy({ ...globals, cluster: 'demo', member: null, format: 'text', ruleSays, ...options }, line);
  expect(seen.open).toBe(0);
  return { code, stdout: seen.stdout, stderr: seen.stderr, asked: seen.calls.map(({ apiUrl }) => apiUrl) };
}

const member = (name: string, change: JsonObject = {}): JsonObject => {
  return { api_url: `http://${name}:8008/patroni`, agent: 'matriarch/0.1.0', ...change };
};
const ours: Readonly<Record<string, Json>> = {
  'members/n1': member('n1'),
  'members/n2': member('n2'),
  'members/n3': member('n3', { agent: null }),
};
const decides = (document: JsonObject) => (): AgentReply => {
  return { kind: 'answered', status: 200, body: renderJson({ rule: 'lead', facts: {}, refused: [], ...document }) };
};

test('the leader is asked when nobody is named', async () => {
  const { code, stdout, asked } = await why();

  expect([code, asked]).toEqual([0, ['http://n1:8008/patroni']]);
  expect(stdout.startsWith('n1 leads cluster demo.\n')).toBe(true);
});

test('with nobody leading all are, and who cannot tell keeps nobody else from it', async () => {
  const foreign = { 'members/n1': member('n1', { agent: null }), 'members/n3': member('n3') };
  const { code, asked, stderr } = await why({}, { keys: { ...ours, ...foreign, leader: null } });

  expect(asked).toEqual(['http://n2:8008/patroni', 'http://n3:8008/patroni']);
  expect([code, stderr]).toEqual([1, "Error: The agent of n1 is not Matriarch's and does not explain itself\n"]);
});

test('whoever waits says what failed last, as that may be why', async () => {
  const event = (level: string, reason: string): Json => {
    return { at: '2031-05-04T10:00:00Z', member: 'n2', event: 'postgres-silent', rule: null, level, facts: { reason } };
  };
  const events = [event('warn', 'no password'), event('info', 'n3')];
  const remembers = { kind: 'answered', status: 200, body: renderJson({ events }) } as const;
  const answers = (waits_for: Json): FakeWorld => ({
    answers: ({ path }) => (path.startsWith('/events') ? remembers : decides({ waits_for })()),
  });

  const { stdout } = await why({ member: 'n2' }, answers('PostgreSQL to answer'));
  expect(stdout).toMatch(
    /waits for PostgreSQL to answer\.\n\nThe last trouble that it told of:\n.* n2: postgres-silent reason=no password\n$/,
  );
  expect((await why({ member: 'n2' }, answers(null))).stdout).not.toContain('trouble');
});

test('programs get the agent’s own document, and who leads', async () => {
  const { stdout } = await why({ member: 'n2', format: 'json' }, { answers: decides({ waits_for: 'n3' }) });

  expect(JSON.parse(stdout)).toMatchObject({
    cluster: 'demo',
    leader: 'n1',
    leads: false,
    rule: 'lead',
    waits_for: 'n3',
  });
});

test.each<[string, Partial<WhyOptions>, FakeWorld, string]>([
  [
    'a member without a key',
    { member: 'n9' },
    {},
    'n9 has no key in the store, so its agent cannot be asked. Members of cluster demo: n1, n2, n3',
  ],
  [
    'an agent that does not answer',
    {},
    { answers: () => ({ kind: 'no-answer', reason: 'refused' }) },
    'The agent of n1 does not answer at http://n1:8008/patroni: refused',
  ],
  [
    'an agent that has just started',
    {},
    { answers: () => ({ kind: 'answered', status: 503, body: '{"state": "starting"}' }) },
    'The agent of n1 has not decided anything yet (status 503)',
  ],
])('%s is an error that says so', async (_case, options, world, message) => {
  expect(await why(options, world)).toMatchObject({ code: 1, stdout: '', stderr: `Error: ${message}\n` });
});
