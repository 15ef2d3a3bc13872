/** An operator's commands against a cluster that runs, with a node's own configuration file. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { type Called, call, matriarchCommand } from '../support/matriarch.ts';
import { commandLineOf, signal } from '../support/namespace-processes.ts';
import { nodeFile } from '../support/node-file.ts';
import { until } from '../support/wait.ts';

/** `n3` may never lead; `n1` creates the cluster. */
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.prepare({
    nodeFile: (node) => `${nodeFile(node)}${node.name === 'n3' ? 'tags: { nofailover: true }\n' : ''}`,
  });
  cluster.startAgent('n1');
  await cluster.untilPrimary();
  cluster.startAgent('n2');
  cluster.startAgent('n3');
  await cluster.untilHealthy();
}, 3 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster, 'others-too');

/** As an operator on a machine beside the cluster calls it. */
async function matriarch(...args: readonly string[]): Promise<Called> {
  const file = join(cluster.hosts.folderOf('n1'), 'patroni.yml');
  const called = await call(cluster.hosts.inside('outside', matriarchCommand(['-c', file, ...args]), 'root'));
  console.log(`$ matriarch ${args.join(' ')}\n${called.stdout}${called.stderr}[${called.code}]`);
  return called;
}

async function json(...args: readonly string[]): Promise<{ readonly code: number; readonly said: unknown }> {
  const { code, stdout } = await matriarch(...args, '--json');
  return { code, said: JSON.parse(stdout) };
}

describe('why does a member not lead? Each answer is another one', { timeout: 2 * minutes }, () => {
  test('the leader does lead, and a stranger is no member', async () => {
    expect(await json('why-not', 'n1')).toMatchObject({ code: 0, said: { reason: 'leads' } });
    expect(await matriarch('why-not', 'n9')).toMatchObject({ code: 1, stdout: '' });
  });

  test('a healthy replica could, and only waits for its turn', async () => {
    expect(await json('why-not', 'n2')).toMatchObject({
      code: 0,
      said: { leader: 'n1', reason: 'could-lead', said_by: 'leader' },
    });
  });

  test('one that is tagged nofailover may not', async () => {
    expect(await json('why-not', 'n3')).toMatchObject({ code: 0, said: { reason: 'nofailover', said_by: 'leader' } });
  });

  test('one that lags further than a failover may lose may not', async () => {
    const receiver = await walReceiverOf('n2');
    signal(receiver, 'SIGSTOP');
    try {
      await cluster.sql('n1', 'CREATE TABLE bulk AS SELECT repeat($$x$$, 1000) FROM generate_series(1, 5000)');
      const said = await untilReason('n2', 'lagging');
      expect(said).toMatchObject({ said_by: 'leader', because: expect.stringMatching(/^lags \d+ bytes$/) });
    } finally {
      signal(receiver, 'SIGCONT');
    }
    await cluster.untilHealthy();
  });
});

test('the configuration is shown, changed and shown again', { timeout: 1 * minutes }, async () => {
  expect((await json('show-config')).said).toMatchObject({ maximum_lag_on_failover: 1_048_576 });
  const changed = await matriarch(
    'edit-config',
    '-s',
    'maximum_lag_on_failover=2097152',
    '-p',
    'work_mem=8MB',
    '--force',
  );
  expect(changed).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nConfiguration changed\n$/) });
  expect((await json('show-config')).said).toMatchObject({
    maximum_lag_on_failover: 2_097_152,
    postgresql: { parameters: { work_mem: '8MB' } },
  });
  await until('PostgreSQL goes by it', { withinMs: 20_000 }, async () => {
    const [[workMem] = []] = await cluster.sql('n1', 'SHOW work_mem');
    return workMem === '8MB';
  });
});

test('a pause is recognized by all members, and ends', { timeout: 1 * minutes }, async () => {
  expect(await json('pause', '--wait')).toMatchObject({ code: 0, said: { done: true, paused: true } });
  expect((await matriarch('list')).stdout).toContain(' Maintenance mode: on\n');
  expect(await matriarch('pause')).toMatchObject({ code: 1, stderr: 'Error: Cluster is already paused\n' });
  expect(await json('resume', '--wait')).toMatchObject({ code: 0, said: { done: true, paused: false } });
});

test('a switchover ends with another primary, or says why not', { timeout: 2 * minutes }, async () => {
  const refused = await matriarch('switchover', '--candidate', 'n3', '--force');
  expect(refused).toMatchObject({
    code: 1,
    stderr: 'Error: Member n3 does not exist in cluster lab or is tagged as nofailover\n',
  });
  expect(await json('switchover', '--candidate', 'n2', '--force')).toMatchObject({
    code: 0,
    said: { done: true, status: 200, leader: 'n2' },
  });
  expect(await cluster.primaries()).toEqual(['n2']);
  expect(await json('why')).toMatchObject({
    said: { member: 'n2', leads: true, role_change: { to: 'primary', rule: 'promote' }, race: { outcome: 'won' } },
  });
  expect(await json('why', 'n1')).toMatchObject({
    said: { member: 'n1', leads: false, role_change: { to: 'demoted', rule: 'switchover-accepted' } },
  });
  await until('the history tells of it', { withinMs: 20_000 }, async () => (await cluster.key('history')) !== null);
  expect((await json('history')).said).toMatchObject([{ TL: 1, 'New Leader': 'n2' }]);
  expect((await json('topology')).said).toMatchObject([
    { Member: 'n2', Follows: null },
    { Follows: 'n2' },
    { Follows: 'n2' },
  ]);
});

test('a failover makes the named member the leader', { timeout: 2 * minutes }, async () => {
  await cluster.untilHealthy();
  expect(await json('failover', '--candidate', 'n1', '--force')).toMatchObject({
    code: 0,
    said: { handover: 'failover', done: true, leader: 'n1' },
  });
  expect(await cluster.primaries()).toEqual(['n1']);
});

test('why names the rule, the last renewal, the candidates and what they lacked after a node was killed', {
  timeout: 3 * minutes,
}, async () => {
  expect(await cluster.untilHealthy()).toBe('n1');
  // The hardest case: watches and elections of the store go on at the same time.
  await cluster.store.placeLeader('n1');
  await cluster.killHost('n1');
  expect(await cluster.untilPrimary({ other: 'n1' })).toBe('n2');
  const ttlMs = cluster.timings.ttl * 1_000;
  const { said } = await json('why');
  expect(said).toMatchObject({
    member: 'n2',
    leads: true,
    role_change: { to: 'primary', rule: 'promote' },
    race: {
      outcome: 'won',
      rule: 'campaign',
      former_leader: 'n1',
      former_end: 'lease-ended',
      unled_ms: expect.any(Number),
      renewed_before_ms: expect.toSatisfy((span: number) => span >= ttlMs),
      own: { name: 'n2', timeline: 3, lsn: expect.stringMatching(/^0\//) },
      others: [
        { name: 'n1', because: 'not asked: its lease had ended' },
        { name: 'n3', timeline: 3, lsn: expect.stringMatching(/^0\//), because: 'not allowed to promote' },
      ],
    },
  });
  const { code, stdout } = await matriarch('why', 'n2');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /it took the lock by rule campaign \(peers: \d\): Nobody that answered is better: take the lock/,
  );
  expect(stdout).toMatch(/\| n3 +\| +3 \| 0\/[0-9A-F]+ \| not allowed to promote +\|/);
  await cluster.reviveHost('n1');
  await cluster.untilHealthy();
});

test('a member that is cut off cannot be asked, and later has no key any more', { timeout: 3 * minutes }, async () => {
  expect(await cluster.untilHealthy()).toBe('n2');
  await cluster.hosts.cut('n1', 'both');
  try {
    // What it said up to a second ago counts.
    const said = await untilReason('n1', 'unreachable');
    expect(said).toMatchObject({ said_by: 'leader', because: 'not reachable' });
    await until('its lease has ended', { withinMs: 60_000 }, async () => (await cluster.key('members/n1')) === null);
    expect(await json('why-not', 'n1')).toMatchObject({ code: 0, said: { reason: 'no-key' } });
  } finally {
    await cluster.hosts.heal('n1');
  }
  await cluster.untilHealthy();
});

/** What `why-not` says of the member once it gives this reason. */
function untilReason(member: string, reason: string): Promise<object> {
  return until(`why-not ${member} says ${reason}`, { withinMs: 20_000 }, async () => {
    const { said } = await json('why-not', member);
    return typeof said === 'object' && said !== null && 'reason' in said && said.reason === reason ? said : null;
  });
}

async function walReceiverOf(name: string): Promise<number> {
  const found = await Promise.all(
    (await cluster.postgresOf(name)).map(async (pid) => ({ pid, line: await commandLineOf(pid) })),
  );
  const receiver = found.find(({ line }) => line?.includes('walreceiver') ?? false);
  if (receiver === undefined) throw new Error(`no walreceiver runs on ${name}`);
  return receiver.pid;
}
