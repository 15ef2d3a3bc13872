import { describe, expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { AgentCall, AgentReply } from '../../ports/agent-api.ts';
import { type FlushOptions, runFlush } from './run-flush.ts';
import { type ReinitOptions, runReinit } from './run-reinit.ts';
import { type MembersOptions, runReload } from './run-reload.ts';
import { type RestartOptions, runRestart } from './run-restart.ts';

const says = (status: number, body = '') => ({ kind: 'answered', status, body }) as const;
const common = { ...globals, cluster: 'demo', members: [], tool: 'patronictl', format: 'text', force: true } as const;
const at = { drawOne: null, scheduled: null, pgVersion: null, pending: false, timeout: null } as const;

function operator(world: FakeWorld, status: number) {
  return fakeOperator({ answers: () => says(status), ...world });
}

async function restart(options: Partial<RestartOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = operator(world, 200);
  const code = await runRestart({ ...common, role: 'any', ...at, ...options }, line);
  expect(seen.open).toBe(0);
  return { ...seen, code };
}

async function reload(options: Partial<MembersOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = operator(world, 202);
  const code = await runReload({ ...common, role: 'any', ...options }, line);
  return { ...seen, code };
}

async function reinit(options: Partial<ReinitOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = operator(world, 200);
  const code = await runReinit({ ...common, fromLeader: false, wait: false, ...options }, line);
  return { ...seen, code };
}

async function flush(options: Partial<FlushOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = operator(world, 200);
  const code = await runFlush({ ...common, role: 'any', target: 'restart', ...options }, line);
  return { ...seen, code };
}

const hosts = (calls: readonly AgentCall[]) => calls.map(({ apiUrl }) => /10\.0\.0\.\d/.exec(apiUrl)?.[0]);
const lines = (stdout: string) => stdout.split('\n').filter((each) => /^(Success|Failed|No |Reload)/.test(each));
const scheduled = (name: string, host: string) => ({
  [`members/${name}`]: {
    api_url: `http://${host}:8008/patroni`,
    role: 'replica',
    scheduled_restart: { schedule: 'T' },
  },
});

describe('restart', () => {
  test('CTL-42: all members, one after the other, without a word in the body', async () => {
    const { code, stdout, calls } = await restart();

    expect(stdout).toMatch(/^\+ Cluster: demo /);
    expect(lines(stdout)).toEqual(['n1', 'n2', 'n3'].map((name) => `Success: restart on member ${name}`));
    expect(code).toBe(0);
    expect(calls.map(({ method, path, body }) => [method, path, body])).toEqual(
      Array.from({ length: 3 }, () => ['POST', '/restart', {}]),
    );
  });

  test('CTL-43: unknown names are passed over as long as one is known', async () => {
    expect(hosts((await restart({ members: ['n2', 'zz'] })).calls)).toEqual(['10.0.0.2']);
    const nobody = await restart({ members: ['zz'] });
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      "Error: No 'any' among provided members; there are: n1, n2, n3\n",
    ]);
  });

  test('CTL-44: a role chooses members, and is not sent', async () => {
    const { calls } = await restart({ role: 'replica' });

    expect([hosts(calls), calls[0]?.body]).toEqual([['10.0.0.2', '10.0.0.3'], {}]);
  });

  test('CTL-45: a refusal: 0 for scripts of the other tool, 1 for ours', async () => {
    const answers = () => says(503, 'restart failed');
    const line = 'Failed: restart for member n2, status code=503, (restart failed)';
    const theirs = await restart({ members: ['n2'] }, { answers });
    const ours = await restart({ members: ['n2'], tool: 'matriarch' }, { answers });

    expect([theirs.code, lines(theirs.stdout)]).toEqual([0, [line]]);
    expect([ours.code, lines(ours.stdout)]).toEqual([1, [line]]);
    expect(ours.stderr).toContain('waiting');
  });

  test('CTL-46: nothing waits for a restart: nobody is called', async () => {
    expect(await restart({ pending: true })).toMatchObject({ code: 0, calls: [] });
  });

  test('CTL-47: a schedule that is there already is taken back first', async () => {
    const { calls } = await restart({ scheduled: '2031-05-04T10:00:00Z' }, { keys: scheduled('n2', '10.0.0.2') });

    expect(calls.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'POST', 'POST']);
    expect(calls[2]?.body).toEqual({ schedule: '2031-05-04T10:00:00+00:00' });
  });

  test('CTL-48, CTL-49: versions are read here, timeouts there', async () => {
    expect(await restart({ pgVersion: '16' })).toMatchObject({
      code: 1,
      stderr: 'Error: Invalid PostgreSQL version format: X.Y or X.Y.Z is accepted: 16\n',
    });
    expect((await restart({ timeout: '30' })).calls[0]?.body).toEqual({ timeout: '30' });
  });

  test('CTL-50: any is one', async () => {
    expect(hosts((await restart({ drawOne: (count) => count - 1 })).calls)).toEqual(['10.0.0.3']);
  });

  test('it asks for the time, for consent and for a version', async () => {
    const { stdout, calls } = await restart({ force: false, members: ['n2'] }, { typed: ['', 'y', '16.1'] });

    expect(stdout).toMatch(
      /take place \(e\.g\. .*\) {2}\[now\]: \nAre you sure you want to restart members n2\? \[y\/N\]: \n/,
    );
    expect(calls[0]?.body).toEqual({ postgres_version: '16.1' });
    expect(await restart({ force: false }, { typed: ['', 'n'] })).toMatchObject({
      code: 1,
      stderr: 'Error: Aborted restart\n',
    });
  });

  test('a schedule in a pause is refused before anybody is called', async () => {
    const paused = { keys: { config: { pause: true } } };
    const refused = await restart({ scheduled: '2031-05-04T10:00Z' }, paused);

    expect(refused).toMatchObject({
      code: 1,
      calls: [],
      stderr: "Error: Can't schedule restart in the paused state\n",
    });
  });

  test('a member that does not answer fails the command, and the next one is asked all the same', async () => {
    const answers = ({ apiUrl }: AgentCall): AgentReply =>
      apiUrl.includes('10.0.0.2') ? { kind: 'no-answer', reason: 'refused' } : says(200);
    const { code, stdout, calls } = await restart({}, { answers });

    expect([code, calls.length]).toEqual([1, 3]);
    expect(lines(stdout)[1]).toBe('Failed: restart for member n2, (refused)');
    const { stdout: json } = await restart({ format: 'json' }, { answers });
    expect(JSON.parse(json)).toMatchObject({
      done: false,
      members: [{ outcome: 'done' }, { outcome: 'unreached' }, {}],
    });
  });
});

test('CTL-51: reload says when it counts', async () => {
  const { code, stdout } = await reload({ members: ['n1'] });

  expect(code).toBe(0);
  expect(lines(stdout)).toEqual(['Reload request received for member n1 and will be processed within 10 seconds']);
  expect(await reload({ force: false }, { typed: ['n'] })).toMatchObject({
    code: 1,
    stderr: 'Error: Aborted reload\n',
  });
});

describe('reinit', () => {
  test('CTL-52: without a name nothing happens by force, and the leader is no replica', async () => {
    expect(await reinit()).toMatchObject({ code: 0, calls: [] });
    expect(await reinit({ tool: 'matriarch' })).toMatchObject({
      code: 1,
      stderr: 'Error: With --force the members have to be named; there are: n2, n3\n',
      calls: [],
    });
    expect(await reinit({ members: ['n1'] })).toMatchObject({
      code: 1,
      stderr: 'Error: No replica among provided members; there are: n2, n3\n',
    });
  });

  test('CTL-53: force is sent', async () => {
    expect((await reinit({ members: ['n2'] })).calls[0]).toMatchObject({
      path: '/reinitialize',
      body: { force: true, from_leader: false },
    });
  });

  test('CTL-54: a task that is in the way may be cancelled', async () => {
    const answers = ({ body }: AgentCall) =>
      body?.['force'] === true ? says(200) : says(503, 'restart already in progress');
    const yes = await reinit({ members: ['n2'], force: false }, { answers, typed: ['y', 'y'] });

    expect(yes.calls.map(({ body }) => body?.['force'])).toEqual([false, true]);
    expect(lines(yes.stdout).at(-1)).toBe('Success: reinitialize for member n2');
    expect((await reinit({ members: ['n2'], force: false }, { answers, typed: ['y', 'n'] })).calls.length).toBe(1);
  });

  test('which member is asked, and has to be one', async () => {
    const { calls } = await reinit({ force: false }, { typed: ['n3', 'y'] });
    expect(hosts(calls)).toEqual(['10.0.0.3']);
    const wrong = await reinit({ force: false }, { typed: ['zz'] });
    expect(wrong).toMatchObject({ code: 1, stderr: 'Error: zz is not a member of cluster\n' });
  });

  test('CTL-55: waiting ends when another PostgreSQL runs, not before', async () => {
    let asked = 0;
    const states = [
      { state: 'running', postmaster_start_time: 'before' },
      { state: 'running', postmaster_start_time: 'before' },
      { state: 'creating replica' },
      { state: 'running', postmaster_start_time: 'after' },
    ];
    const answers = ({ method }: AgentCall) => {
      if (method === 'POST') return says(200);
      asked += 1;
      return says(200, JSON.stringify(states[asked - 1]));
    };
    const { code, stdout, sleeps } = await reinit({ members: ['n2'], wait: true }, { answers });

    expect([code, sleeps]).toEqual([0, 3]);
    expect(stdout).toMatch(/Waiting for reinitialize to complete on: n2\nReinitialize is completed on: n2\n$/);
  });

  test.each([
    ['does not answer', { kind: 'no-answer', reason: 'refused' }],
    ['cannot ask its server', says(200, '{"state": "unknown"}')],
  ] as const)('waiting takes no old PostgreSQL for the copy where the agent %s beforehand', async (_what, silence) => {
    const old = says(200, '{"state": "running", "postmaster_start_time": "before"}');
    const states = [silence, silence, old, old, says(200, '{"state": "running", "postmaster_start_time": "after"}')];
    const answers = ({ method }: AgentCall): AgentReply =>
      method === 'POST' ? says(200) : (states.shift() ?? silence);
    const { code, sleeps } = await reinit({ members: ['n2'], wait: true }, { answers });

    expect([code, sleeps]).toEqual([0, 3]);
  });
});

describe('flush', () => {
  test('CTL-56: where nothing is scheduled, nobody is called', async () => {
    const { code, stdout, calls } = await flush({}, { keys: scheduled('n2', '10.0.0.2') });

    expect([code, calls.map(({ method, path }) => [method, path])]).toEqual([0, [['DELETE', '/restart']]]);
    expect(lines(stdout)).toEqual([
      'No scheduled restart for member n1',
      'Success: flush scheduled restart for member n2',
      'No scheduled restart for member n3',
    ]);
  });

  const pending = { keys: { failover: { leader: 'n1', scheduled_at: '2031-05-04T10:00:00+00:00' } } };

  test('CTL-57: a switchover is taken back without a question', async () => {
    const done = await flush({ target: 'switchover', force: false }, pending);

    expect(done).toMatchObject({ code: 0, stdout: 'Success: scheduled switchover deleted\n' });
    expect(hosts(done.calls)).toEqual(['10.0.0.1']);
    const none = await flush({ target: 'switchover' });
    expect(none).toMatchObject({ code: 0, stdout: 'No pending scheduled switchover\n' });
  });

  test('CTL-58: with nobody there the key is emptied, if it is still the same', async () => {
    const answers = () => ({ kind: 'no-answer', reason: 'refused' }) as const;
    const { code, stdout, stderr, writes } = await flush({ target: 'switchover' }, { ...pending, answers });

    expect(code).toBe(0);
    expect(stdout).toMatch(/ Could not find any accessible member of cluster demo\n$/);
    expect(stderr).toMatch(/Member n1 is not accessible\n[^]*Failing over to DCS\n$/);
    expect(writes).toMatchObject([
      { key: 'failover', action: { value: { json: {} } }, when: [{ kind: 'mod-revision-is' }] },
    ]);
  });

  test('programs get one object, also when the first agent refuses', async () => {
    const answers = ({ apiUrl }: AgentCall): AgentReply =>
      apiUrl.includes('10.0.0.1') ? { kind: 'answered', status: 409, body: 'a page' } : says(200);
    const { code, stdout, stderr } = await flush(
      { target: 'switchover', tool: 'matriarch', format: 'json' },
      { ...pending, answers },
    );

    expect([code, JSON.parse(stdout)]).toMatchObject([0, { done: true }]);
    expect(stderr).toContain('member=n1, status_code=409');
  });

  test('a store that does not confirm it either is an error that says why', async () => {
    const answers = () => ({ kind: 'no-answer', reason: 'refused' }) as const;
    const written = { kind: 'no-answer', reason: 'late' } as const;
    const { code, stderr } = await flush({ target: 'switchover' }, { ...pending, answers, written });

    expect([code, stderr.includes('(late)')]).toEqual([1, true]);
  });
});
