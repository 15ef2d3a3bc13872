import { describe, expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { AgentCall, AgentReply } from '../../ports/agent-api.ts';
import { renderJson } from '../../wire/json.ts';
import { runWhyNot } from './run-why-not.ts';

async function whyNot(member: string, world: FakeWorld = {}) {
  const said = fakeOperator(world);
  const code = await runWhyNot({ ...globals, cluster: 'demo', member, format: 'text' }, said.line);
  const told = fakeOperator(world);
  await runWhyNot({ ...globals, cluster: 'demo', member, format: 'json' }, told.line);
  const document: unknown = code === 0 ? JSON.parse(told.seen.stdout) : null;
  return { code, document, text: said.seen.stdout, stderr: said.seen.stderr, calls: said.seen.calls };
}

/** The leader's agent judges `n2`; other questions go unanswered. */
const judged =
  (heir: JsonObject): ((call: AgentCall) => AgentReply) =>
  ({ path }: AgentCall): AgentReply => {
    const n2 = { name: 'n2', could_lead: false, reason: null, because: null, timeline: 4, lsn: '0/5000060', ...heir };
    const body = renderJson({ leader: 'n1', lsn: '0/5000060', maximum_lag_bytes: 1_048_576, members: [n2] });
    return path === '/matriarch/succession'
      ? { kind: 'answered', status: 200, body }
      : { kind: 'no-answer', reason: 'refused' };
  };
const unfit = (reason: string, because: string, more: JsonObject = {}) => judged({ reason, because, ...more });

describe('the leader’s agent judges, and each reason is another text', () => {
  test.each([
    [
      'could-lead',
      judged({ could_lead: true, lag_bytes: 0 }),
      [
        'Nothing speaks against n2 (timeline 4, 0/5000060, 0 bytes behind): it could take over at any time.',
        'It does not lead because n1 does, and there is one leader at a time. To change that:',
        'matriarch switchover --candidate n2',
      ],
    ],
    [
      'asynchronous',
      unfit('asynchronous', 'is no synchronous standby'),
      [
        'n2 could not take over from n1: is no synchronous standby (timeline 4, 0/5000060).',
        'The cluster is in synchronous mode, and n1 does not wait for n2: it may lack what was acknowledged.',
      ],
    ],
    [
      'lagging',
      unfit('lagging', 'lags 2000000 bytes', { lag_bytes: 2_000_000 }),
      [
        'n2 could not take over from n1: lags 2000000 bytes (timeline 4, 0/5000060, 2000000 bytes behind).',
        'That is more than a failover may lose: maximum_lag_on_failover (1048576 bytes).',
      ],
    ],
    [
      'nofailover',
      unfit('nofailover', 'not allowed to promote', { timeline: null, lsn: null }),
      [
        'n2 could not take over from n1: not allowed to promote.',
        'It is tagged so that it never leads (nofailover, or failover_priority 0).',
      ],
    ],
    [
      'unreachable',
      unfit('unreachable', 'not reachable', { timeline: null, lsn: null }),
      [
        'n2 could not take over from n1: not reachable.',
        'Its agent does not answer n1, so nobody knows what it has; here it does not answer either.',
      ],
    ],
    [
      'timeline',
      unfit('timeline', 'is on timeline 3', { timeline: 3 }),
      [
        'n2 could not take over from n1: is on timeline 3 (timeline 3, 0/5000060).',
        'It has to follow n1 onto the timeline of the cluster first.',
      ],
    ],
  ])('%s', async (reason, answers, lines) => {
    const { code, document, text } = await whyNot('n2', { answers });

    expect(text).toBe(lines.map((each) => `${each}\n`).join(''));
    expect([code, document]).toMatchObject([0, { member: 'n2', leader: 'n1', reason, said_by: 'leader' }]);
  });

  test('one that answers here and not there is on the other side of a cut', async () => {
    const answers = (call: AgentCall): AgentReply =>
      call.path === '/liveness'
        ? { kind: 'answered', status: 200, body: '' }
        : unfit('unreachable', 'not reachable')(call);

    expect((await whyNot('n2', { answers })).text).toContain('here it does answer, so the network between them is cut');
  });
});

describe('when the leader’s agent does not answer, the keys in the store speak', () => {
  const keyOf = (change: JsonObject): Readonly<Record<string, Json>> => ({
    'members/n2': { conn_url: 'postgres://h:5432/x', state: 'running', xlog_location: 83_886_176, ...change },
  });

  test.each([
    ['could-lead', {}],
    ['nofailover', { tags: { nofailover: true } }],
    ['lagging', { xlog_location: 80_000_000 }],
    ['position-unknown', { state: 'stopped', xlog_location: null }],
    ['timeline', { timeline: 3 }],
    ['could-lead', { timeline: 3, replication_state: 'streaming' }],
    ['primary', { role: 'primary' }],
  ])('%s', async (reason, change) => {
    const { text, document } = await whyNot('n2', { keys: keyOf(change) });

    expect(document).toMatchObject({ reason, said_by: 'store' });
    expect(text.startsWith('The agent of n1 does not answer (nobody is there); this is what the keys')).toBe(true);
  });
});

test('in a synchronous mode the keys tell for whom commits wait', async () => {
  const keys = { config: { synchronous_mode: true }, sync: { leader: 'n1', quorum: 0, sync_standby: 'n3' } };

  expect((await whyNot('n3', { keys })).document).toMatchObject({ reason: 'could-lead', said_by: 'store' });
  expect((await whyNot('n2', { keys })).document).toMatchObject({ reason: 'asynchronous', said_by: 'store' });
});

test('the leader leads', async () => {
  expect(await whyNot('n1')).toMatchObject({ code: 0, document: { reason: 'leads' }, calls: [] });
});

test('whose key is gone was a member as long as its slot is kept', async () => {
  const keys = { 'members/n2': null, status: { optime: 1, slots: { n2: 1 } } };

  expect(await whyNot('n2', { keys })).toMatchObject({ code: 0, document: { reason: 'no-key' } });
  expect(await whyNot('n9')).toMatchObject({
    code: 1,
    text: '',
    stderr: 'Error: n9 is no member of cluster demo, as far as the store knows. Its members: n1, n2, n3\n',
  });
});

test('with nobody leading its own agent says what it does about that', async () => {
  const decision = { rule: 'may-not-campaign', facts: { because: 'my position is not known' }, refused: [] };
  const answers = (): AgentReply => ({ kind: 'answered', status: 200, body: renderJson(decision) });
  const ours = { 'members/n2': { api_url: 'http://h:8008/patroni', agent: 'matriarch/1' }, leader: null };

  expect((await whyNot('n2', { answers, keys: ours })).text).toBe(
    'Nobody leads cluster demo. The agent of n2 goes by rule may-not-campaign: my position is not known.\n',
  );
});
