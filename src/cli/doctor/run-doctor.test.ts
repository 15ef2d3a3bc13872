import { expect, test } from 'vitest';
import { type FakeWorld, fakeOperator, globals } from '../../../test/support/fake-operator.ts';
import type { Json } from '../../domain/json.ts';
import { millis } from '../../domain/time.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { type DoctorOptions, runDoctor } from './run-doctor.ts';
import { safeTtl } from './safe-ttl.ts';

const answers = (): AgentReply => ({ kind: 'answered', status: 200, body: '{}' });

const second: Json = {
  ...{ role: 'primary', state: 'running', timeline: 4, xlog_location: 83_886_176 },
  ...{ api_url: 'http://10.0.0.3:8008/patroni', conn_url: 'postgres://10.0.0.3:5432/x' },
};
const stopped: Json = { role: 'replica', state: 'stopped', api_url: 'http://10.0.0.3:8008/patroni' };

async function doctor(options: Partial<DoctorOptions> = {}, world: FakeWorld = {}) {
  const { line, seen } = fakeOperator({ answers, ...world });
  return { code: await runDoctor({ ...globals, cluster: 'demo', format: 'text', ...options }, line), ...seen };
}

test('what is well is said with what was measured', async () => {
  const { code, stdout, writes } = await doctor();

  expect([code, writes]).toEqual([0, []]);
  expect(stdout.split('\n').map((line) => line.slice(0, 24).trimEnd())).toEqual([
    'store          fine',
    'cluster        fine',
    'configuration  fine',
    'configuration  note',
    '',
    '',
  ]);
  expect(stdout).toMatch(/ttl is 30 s; \d+ s would be safe here/);
});

test('a ttl that cannot be shorter is not told to be', async () => {
  const { stdout } = await doctor({}, { keys: { config: { ttl: 5, loop_wait: 2, retry_timeout: 1 } } });

  expect(stdout).toMatch(/^configuration +fine +ttl is 5 s, /m);
  expect(stdout).not.toMatch(/^configuration +note/m);
});

test.each<[string, FakeWorld, 0 | 1, string]>([
  ['nobody leads', { keys: { leader: null } }, 1, 'nobody leads'],
  ['the leader has no key', { keys: { 'members/n1': null } }, 1, 'n1 has the lock and no key of its own'],
  [
    'an agent is silent',
    { answers: () => ({ kind: 'no-answer', reason: 'refused' }) },
    1,
    'n2 does not answer at http',
  ],
  ['a configuration that cannot be read', { keys: { config: 'garbage' } }, 1, 'configuration  error    cannot be read'],
  [
    'a second primary',
    { keys: { 'members/n3': second } },
    1,
    'cluster        error    n3 is a primary without the lock',
  ],
  ['a replica that is stopped', { keys: { 'members/n3': stopped } }, 0, 'n3 is stopped'],
  [
    'a member that is gone',
    { keys: { 'members/n3': null, status: { optime: 1, retain_slots: ['n1', 'n2', 'n3'] } } },
    0,
    'a slot is kept for n3',
  ],
  ['a pause', { keys: { config: { pause: true } } }, 0, 'it is paused'],
  ['a ttl that is too short', { keys: { config: { ttl: 3, loop_wait: 1, retry_timeout: 1 } } }, 0, 'ttl is 3 s'],
  [
    'a value that is ignored',
    { keys: { config: { maximum_lag_on_failover: '3MB' } } },
    0,
    'maximum_lag_on_failover: 3MB',
  ],
  ['one member', { keys: { 'members/n2': null, 'members/n3': null } }, 0, 'there is one member'],
])('%s: said with a remedy', async (_what, world, code, says) => {
  const { code: found, stdout } = await doctor({}, world);
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.includes(says));

  expect([found, lines[at + 1]?.trimStart().charAt(0)]).toEqual([code, '→']);
});

test('positions behind the limit keep a member from taking over', async () => {
  const behind: Json = {
    ...{ conn_url: 'postgres://10.0.0.2:5432/x', api_url: 'http://10.0.0.2:8008/patroni', state: 'running' },
    ...{
      role: 'replica',
      replication_state: 'streaming',
      timeline: 3,
      version: '4.1.4',
      replay_lsn: 1,
      receive_lsn: 1,
    },
  };
  const { stdout } = await doctor({}, { keys: { 'members/n2': behind } });

  expect(stdout).toContain('n2 is on timeline 3, the leader on 4');
  expect(stdout).toContain('more than maximum_lag_on_failover');
});

test('a store that does not answer ends it: the rest cannot be known', async () => {
  const { code, stdout } = await doctor({}, { storeSilence: () => 'no leader' });

  expect(code).toBe(1);
  expect(stdout).toMatch(/^store +error +does not answer: no leader\n +→ /);
  expect(stdout).not.toContain('cluster');
});

test('a store that answers now and then hides nothing of what is in it', async () => {
  let reads = 0;
  const storeSilence = (): string | null => {
    reads += 1;
    return reads > 15 ? 'no leader' : null;
  };
  const { code, stdout } = await doctor({}, { storeSilence, keys: { leader: null } });

  expect(stdout).toMatch(/^store +warning +left 6 of 20 reads/m);
  expect([code, stdout.includes('nobody leads')]).toEqual([1, true]);
});

test('a member of the store that is down is named, though the others answer in its place', async () => {
  const config = 'etcd3: { hosts: [10.0.0.1:2379, 10.0.0.2:2379] }';
  const { code, stdout, open } = await doctor({ storeUrl: null }, { config, deadEndpoint: '10.0.0.2:2379' });

  expect([code, open]).toEqual([0, 0]);
  expect(stdout).toMatch(/^store +warning +10\.0\.0\.2:2379 does not answer: connection refused\n +→ /m);
  expect(stdout).not.toContain('10.0.0.1:2379 does not');
});

test('programs get the figures', async () => {
  expect(JSON.parse((await doctor({ format: 'json' })).stdout)).toMatchObject({
    cluster: 'demo',
    store: { median_ms: 0, slowest_ms: 0 },
    safe_ttl: 5,
    findings: [{ area: 'store', level: 'fine' }, {}, {}, {}],
  });
});

test.each([
  [0, 5],
  [100, 5],
  [500, 6],
  [2_000, 10],
])('a store that takes %i ms needs a ttl of %i s', (slowest, ttl) => {
  expect(safeTtl(millis(slowest))).toBe(ttl * 1_000);
});

test('what is told to do can be typed', async () => {
  const waits: Json = { role: 'replica', state: 'running', pending_restart: true };
  const { stdout } = await doctor({}, { keys: { 'members/n3': waits, config: { ttl: 30, pause: true } } });

  expect(stdout).toContain('restart demo n3 --pending');
  expect(stdout).toContain('resume demo, when you are done');
});
