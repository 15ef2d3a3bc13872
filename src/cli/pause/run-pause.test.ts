import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { AgentCall } from '../../ports/agent-api.ts';
import { type PauseOptions, runPause } from './run-pause.ts';

async function pause(options: Partial<PauseOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator({ answers: () => ({ kind: 'answered', status: 200, body: '{}' }), ...world });
  const defaults = { tool: 'matriarch', format: 'text', wanted: 'paused', wait: false } as const;
  const code = await runPause({ ...globals, cluster: 'demo', ...defaults, ...options }, line);
  expect(seen.open).toBe(0);
  return { ...seen, code };
}

const paused = { config: { pause: true } };
const recognized = (name: string) => ({ [`members/${name}`]: { api_url: `http://${name}:8008/patroni`, pause: true } });

test('CTL-60: the leader is asked, and a state that is there already is an error', async () => {
  const { code, stdout, calls } = await pause();

  expect([code, stdout]).toEqual([0, 'Success: cluster management is paused\n']);
  expect(calls).toEqual([
    { apiUrl: 'http://10.0.0.1:8008/patroni', method: 'PATCH', path: '/config', body: { pause: true } },
  ]);
  expect(await pause({}, { keys: paused })).toMatchObject({ code: 1, stderr: 'Error: Cluster is already paused\n' });
  expect(await pause({ wanted: 'resumed' })).toMatchObject({ code: 1, stderr: 'Error: Cluster is not paused\n' });
  const resumed = await pause({ wanted: 'resumed' }, { keys: paused });
  expect(resumed).toMatchObject({ code: 0, stdout: 'Success: cluster management is resumed\n' });
  expect(resumed.calls[0]?.body).toEqual({ pause: null });
});

test('CTL-61: whoever does not answer is passed over; when all do, nothing was done', async () => {
  const onlyN3 = ({ apiUrl }: AgentCall) =>
    apiUrl.includes('10.0.0.3')
      ? ({ kind: 'answered', status: 200, body: '{}' } as const)
      : ({ kind: 'no-answer', reason: 'refused' } as const);
  const third = await pause({}, { answers: onlyN3 });

  expect([third.code, third.calls.length]).toEqual([0, 3]);
  expect(third.stderr).toMatch(/ - WARNING - refused\n.* - WARNING - Member n1 is not accessible\n/);
  const nobody = await pause({}, { answers: () => ({ kind: 'no-answer', reason: 'refused' }) });
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toMatch(/Error: Can not find accessible cluster member\n$/);
});

test('an agent that refuses: 1, or 0 for scripts of the other tool', async () => {
  const answers = () => ({ kind: 'answered', status: 401, body: 'no auth header received' }) as const;
  const stdout = 'Failed: pause cluster management status code=401, (no auth header received)\n';

  expect(await pause({}, { answers })).toMatchObject({ code: 1, stdout, stderr: expect.stringContaining('ctl.auth') });
  expect(await pause({ tool: 'patronictl' }, { answers })).toMatchObject({ code: 0, stdout, stderr: '' });
  const { stdout: json } = await pause({ format: 'json' }, { answers });
  expect(JSON.parse(json)).toMatchObject({ done: false, paused: false });
});

test('CTL-62: waiting ends when all members say so', async () => {
  let reads = 0;
  const keys = () => {
    reads += 1;
    return reads < 3 ? {} : { ...recognized('n1'), ...recognized('n2'), ...recognized('n3') };
  };
  const { code, stdout, sleeps } = await pause({ wait: true }, { keys });

  expect(stdout).toBe(
    "'pause' request sent, waiting until it is recognized by all nodes\nSuccess: cluster management is paused\n",
  );
  expect([code, sleeps]).toEqual([0, 1]);
});

test('a store that falls silent while members are waited for: the change stands, and that is told', async () => {
  let reads = 0;
  const storeSilence = () => {
    reads += 1;
    return reads > 1 ? 'timeout' : null;
  };
  const { code, stderr } = await pause({ wait: true }, { storeSilence });

  expect(code).toBe(1);
  expect(stderr).toMatch(/timeout\nCluster management is paused; which members know is not known\n$/);
});

test('waiting for members that say nothing ends after a loop and a second, and blames nobody', async () => {
  const { code, stdout, sleeps } = await pause({ wait: true });

  expect(stdout).toMatch(/Success: cluster management is paused\n$/);
  expect([code, sleeps]).toEqual([0, 11]);
});

test('what members go against is told, and that the cluster is paused all the same', async () => {
  let written = 7n;
  const world: FakeWorld = {
    keys: { 'members/n1': { api_url: 'http://n1:8008/patroni' } },
    lastChange: () => (written += 1n),
  };
  const { code, stdout } = await pause({ wait: true, format: 'json' }, world);

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ done: false, paused: true, message: expect.stringContaining('n1') });
});

test('an agent has as long as the store may take before the next one is asked', async () => {
  const { line } = fakeOperator({ keys: { config: { retry_timeout: 60 } } });
  const limits: number[] = [];
  const call = (_call: AgentCall, limit: number) => {
    limits.push(limit);
    return Promise.resolve({ kind: 'answered', status: 200, body: '{}' } as const);
  };
  const options = { ...globals, cluster: 'demo', tool: 'matriarch', format: 'text', wanted: 'paused' } as const;
  await runPause({ ...options, wait: false }, { ...line, openAgents: () => ({ call }) });

  expect(limits).toHaveLength(1);
  expect(limits[0]).toBeGreaterThan(120_000);
});
