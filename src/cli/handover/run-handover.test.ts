import { describe, expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import { NOW, WALL_NOW } from '../../../test/support/node-snapshot.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { later, seconds, wallTime } from '../../domain/time.ts';
import type { AgentCall, AgentReply } from '../../ports/agent-api.ts';
import { localTime } from '../local-time.ts';
import type { HandoverOptions } from './handover-run.ts';
import { runHandover } from './run-handover.ts';

type Keys = Readonly<Record<string, Json>>;

const defaults: HandoverOptions = {
  ...globals,
  cluster: 'demo',
  tool: 'patronictl',
  format: 'text',
  handover: 'switchover',
  leader: null,
  candidate: null,
  scheduled: null,
  force: true,
};

async function handover(options: Partial<HandoverOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator(world);
  const code = await runHandover({ ...defaults, ...options }, line);
  expect(seen.open).toBe(0);
  const { stdout } = seen;
  // What comes after the table that everything begins with.
  const rest = stdout.slice(stdout.indexOf('-+\n', stdout.lastIndexOf('| n3')) + 3);
  return { ...seen, code, rest };
}

const answered = (status: number, body: string) => (): AgentReply => ({ kind: 'answered', status, body });
const success = answered(200, 'Successfully switched over to "n2"');
const member = (name: string, change: JsonObject): Keys => ({
  [`members/${name}`]: { conn_url: 'postgres://h:5432/x', api_url: `http://${name}:8008/patroni`, ...change },
});
const time = `${localTime(WALL_NOW)}.00000`;

describe('ctl', () => {
  test('CTL-27: topology, table, request, answer with its time, table', async () => {
    const { code, stdout, calls } = await handover({}, { answers: success });

    expect(calls).toEqual([
      {
        apiUrl: 'http://10.0.0.1:8008/patroni',
        method: 'POST',
        path: '/switchover',
        body: { candidate: null, leader: 'n1' },
      },
    ]);
    expect(stdout.startsWith('Current cluster topology\n+ Cluster: demo (')).toBe(true);
    expect(stdout).toContain(`-+\n${time} Successfully switched over to "n2"\n+ Cluster: demo (`);
    expect(code).toBe(0);
  });

  test('CTL-28: everything is asked for, in order, and a no ends it', async () => {
    const { code, stdout, stderr, calls } = await handover({ force: false }, { typed: ['', '', '', 'n'] });
    const inAnHour = localTime(wallTime(WALL_NOW + 3_600_000))
      .slice(0, 16)
      .replace(' ', 'T');

    expect(stdout.slice(stdout.indexOf('Primary'))).toBe(
      [
        'Primary [n1]: ',
        "Candidate ['n2', 'n3'] []: ",
        `When should the switchover take place (e.g. ${inAnHour} )  [now]: `,
        'Are you sure you want to switchover cluster demo, demoting current leader n1? [y/N]: ',
        '',
      ].join('\n'),
    );
    expect([code, stderr, calls]).toEqual([1, 'Error: Aborting switchover\n', []]);
  });

  test('an answer that was typed is what is sent', async () => {
    const typed = ['n1', 'n3', 'now', 'yes'];
    const { calls } = await handover({ force: false }, { typed, answers: success });

    expect(calls[0]?.body).toEqual({ candidate: 'n3', leader: 'n1' });
  });

  test('CTL-29, CTL-30: a refusal is told without a table; a result that is not known is called so', async () => {
    const refused = await handover({}, { answers: answered(412, 'leader name does not match') });
    const unknown = await handover({}, { answers: answered(503, 'Switchover status unknown after 20 seconds') });

    expect([refused.code, refused.rest]).toEqual([0, 'Switchover failed, details: 412, leader name does not match\n']);
    expect([unknown.code, unknown.rest]).toEqual([
      0,
      'Switchover result unknown, details: 503, Switchover status unknown after 20 seconds\n',
    ]);
  });

  test('CTL-31: nobody answers: the request goes into the store, and the old table is shown', async () => {
    const { code, stdout, stderr, writes } = await handover({ candidate: 'n2' });

    expect(writes).toEqual([
      {
        key: 'failover',
        action: { kind: 'put', value: { kind: 'json', json: { leader: 'n1', member: 'n2' } }, lease: null },
        when: [],
      },
    ]);
    expect(stderr).toMatch(/ - WARNING - Failing over to DCS\n$/);
    expect(stdout).toContain(`${time} Could not switchover using Patroni api, falling back to DCS\n+ Cluster`);
    expect(code).toBe(0);
  });

  test.each(['matriarch', 'patronictl'] as const)('nobody answers, and the time is past (%s)', async (tool) => {
    const { code, rest, writes } = await handover({ tool, scheduled: '2020-05-05T10:00+02:00' });

    expect(writes).toEqual([]);
    expect([code, rest]).toEqual([
      tool === 'matriarch' ? 1 : 0,
      'Switchover failed, details: Cannot schedule switchover in the past\n',
    ]);
  });

  test('an agent has as long as the store may take: else the request would be made twice', async () => {
    const { line } = fakeOperator({ keys: { config: { loop_wait: 10, retry_timeout: 60 } } });
    const limits: number[] = [];
    const call = (_call: AgentCall, limit: number) => {
      limits.push(limit);
      return Promise.resolve(success());
    };
    await runHandover(defaults, { ...line, openAgents: () => ({ call }) });

    // It waits for a picture and for its write, each for a minute at most, and then for twenty seconds.
    expect(limits[0]).toBeGreaterThan(seconds(60 + 60 + 20));
  });

  test('what an agent said is shown, also when the store falls silent afterwards', async () => {
    const { line, seen } = fakeOperator({
      answers: success,
      storeSilence: () => (seen.calls.length > 0 ? 'no leader' : null),
    });
    let passed = 0;
    const now = () => later(NOW, seconds((passed += 4)));
    const code = await runHandover(defaults, { ...line, now });

    expect(seen.stdout).toContain(`${time} Successfully switched over to "n2"\n`);
    expect([code, seen.stderr.includes('no leader')]).toEqual([0, true]);
  });

  test('a store that does not confirm it either: why, and that it may take place all the same', async () => {
    const late = await handover({}, { written: { kind: 'no-answer', reason: 'late' } });
    expect([late.code, late.stderr.includes('(late)')]).toEqual([1, true]);

    const refused = await handover({}, { written: { kind: 'refused', reason: 'permission denied' } });
    expect([refused.code, refused.stderr.includes('(permission denied)')]).toEqual([1, true]);
    expect(late.stderr.replace('late', 'permission denied')).not.toBe(refused.stderr);
  });

  test.each<[string, Partial<HandoverOptions>, Keys, string]>([
    ['CTL-32: somebody else leads', { leader: 'n2' }, {}, 'Member n2 is not the leader of cluster demo'],
    ['CTL-33: the leader itself', { candidate: 'n1' }, {}, 'Member n1 is already the leader of cluster demo'],
    [
      'CTL-33: a stranger',
      { candidate: 'zz' },
      {},
      'Member zz does not exist in cluster demo or is tagged as nofailover',
    ],
    [
      'CTL-34: nobody may lead',
      {},
      { ...member('n2', { tags: { nofailover: true } }), ...member('n3', { tags: { failover_priority: 0 } }) },
      'No candidates found to switchover to',
    ],
    [
      'CTL-35: no time',
      { scheduled: 'garbage' },
      {},
      'Unable to parse scheduled timestamp (garbage). It should be in an unambiguous format (e.g. ISO 8601)',
    ],
    [
      'CTL-36: a time in a pause',
      { scheduled: '2031-05-05T10:00Z' },
      { config: { pause: true } },
      "Can't schedule switchover in the paused state",
    ],
    [
      'CTL-38: a failover to nobody',
      { handover: 'failover' },
      {},
      'Failover could be performed only to a specific candidate',
    ],
    ['a switchover from nobody', {}, { leader: null }, 'This cluster has no leader'],
  ])('%s', async (_case, options, keys, message) => {
    expect(await handover(options, { keys })).toMatchObject({ code: 1, stderr: `Error: ${message}\n`, calls: [] });
  });

  test('CTL-37: a scheduled one is sent with its time, and answered with 202', async () => {
    const world = { answers: answered(202, 'Switchover scheduled') };
    const { calls, code } = await handover({ scheduled: '2031-05-05T10:00+02:00' }, world);

    expect(calls[0]?.body).toEqual({ candidate: null, leader: 'n1', scheduled_at: '2031-05-05T10:00:00+02:00' });
    expect(code).toBe(0);
  });

  test('CTL-39: with nobody leading the candidate is asked', async () => {
    const world = { keys: { leader: null }, answers: success };
    const { calls } = await handover({ handover: 'failover', candidate: 'n2' }, world);

    expect(calls).toMatchObject([
      { apiUrl: 'http://10.0.0.2:8008/patroni', path: '/failover', body: { candidate: 'n2' } },
    ]);
  });

  test('CTL-40: an asynchronous candidate is asked about first', async () => {
    const keys = { config: { synchronous_mode: true }, sync: { leader: 'n1', quorum: 0, sync_standby: 'n2' } };
    const failover = { handover: 'failover', candidate: 'n3', force: false } as const;
    const { stdout, stderr } = await handover(failover, { keys, typed: ['n'] });

    expect(stdout).toContain('Are you sure you want to failover to the asynchronous node n3? [y/N]: ');
    expect(stderr).toBe('Error: Aborting failover\n');
    expect((await handover({ ...failover, candidate: 'n2' }, { keys, typed: ['n'] })).stdout).toContain(
      'Are you sure you want to failover cluster demo, demoting current leader n1? [y/N]: ',
    );
  });

  test('CTL-41: an input that ends at a question', async () => {
    expect(await handover({ force: false })).toMatchObject({ code: 1, stderr: 'Aborted!\n', calls: [] });
  });
});

test('an old agent that knows no switchover is asked for a failover', async () => {
  const answers = ({ path }: AgentCall): AgentReply =>
    path === '/switchover' ? answered(501, 'Server does not support this operation')() : success();

  expect((await handover({}, { answers })).calls.map(({ path }) => path)).toEqual(['/switchover', '/failover']);
});

describe('under our own name', () => {
  const ours = { tool: 'matriarch', candidate: 'n2' } as const;
  const led: Keys = { leader: 'n2', ...member('n2', { role: 'primary', state: 'running' }) };
  /** The keys as they are after so many reads. */
  const after = (reads: number, then: Keys): (() => Keys) => {
    let count = 0;
    return () => {
      count += 1;
      return count > reads ? then : {};
    };
  };

  test('it ends when the new primary is up, and says meanwhile what it waits for', async () => {
    const promoting: Keys = { leader: 'n2', ...member('n2', { role: 'replica' }) };
    let count = 0;
    const keys = (): Keys => {
      count += 1;
      return count === 1 ? {} : count < 5 ? promoting : led;
    };
    const { code, stderr, stdout } = await handover(ours, { keys, answers: success });

    expect(stderr).toBe('n2 has the lock; waiting for its PostgreSQL to be promoted\n');
    expect(stdout).toMatch(/\| n2 +\| .* \| Leader +\| running/);
    expect(code).toBe(0);
  });

  test('what was refused is a failure', async () => {
    const { code, rest } = await handover(ours, { answers: answered(412, 'no') });

    expect([code, rest]).toEqual([1, 'Switchover failed, details: 412, no\n']);
  });

  test('an agent that wants a password is said to want one', async () => {
    const { stderr } = await handover(ours, { answers: answered(401, 'no auth header received') });

    expect(stderr).toContain('ctl.authentication');
  });

  test('what nobody knows is looked after: it may have worked', async () => {
    const unknown = answered(503, 'Switchover status unknown after 20 seconds');

    expect((await handover(ours, { answers: unknown, keys: after(2, led) })).code).toBe(0);
    const never = await handover(ours, { answers: unknown });
    expect(never.code).toBe(1);
    expect(never.stderr).toMatch(/waiting for it to stop\nNot done after 40 s\. /);
    expect((await handover(ours, { keys: after(2, led) })).code).toBe(0);
  });

  test('another one than was wanted is a failure', async () => {
    const other: Keys = { leader: 'n3', ...member('n3', { role: 'primary' }) };
    const world = { answers: answered(200, 'Switched over to "n3" instead of "n2"'), keys: after(1, other) };

    expect((await handover(ours, world)).code).toBe(1);
  });

  test('programs get one object', async () => {
    const { stdout, code } = await handover({ ...ours, format: 'json' }, { answers: success, keys: after(1, led) });

    expect(JSON.parse(stdout)).toMatchObject({ handover: 'switchover', done: true, status: 200, leader: 'n2' });
    expect(code).toBe(0);
  });
});
