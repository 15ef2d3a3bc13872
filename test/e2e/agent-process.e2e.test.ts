/** The agent's own process is frozen, killed, restarted, or its store refuses to speak to it; PostgreSQL is healthy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, isLong, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { agentFrozen, agentKilled } from '../support/faults.ts';
import { signal } from '../support/namespace-processes.ts';
import { round, roundLine } from '../support/round.ts';
import { storedKeys } from '../support/stored-keys.ts';
import { letPass, monotonicMs, until } from '../support/wait.ts';
import { analyse } from '../support/write-analysis.ts';
import { Writers } from '../support/writers.ts';

let cluster: Cluster;
let writers: Writers;
beforeAll(async () => {
  cluster = await Cluster.start();
  writers = await Writers.start(cluster);
}, 3 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster);

describe('the guardian fences for an agent that cannot: no write is late', () => {
  const rounds = isLong ? 20 : 2;
  test.for([agentFrozen, agentKilled])(
    '$name, for longer than the lease',
    { timeout: rounds * minutes },
    async (fault) => {
      for (let count = 0; count < rounds; count++) {
        const report = await round(fault, { cluster, writers, storeLeader: 'elsewhere' });
        console.log(roundLine(report));
        expect(report.late).toEqual([]);
        expect(report.next).not.toBe(report.primary);
      }
    },
  );
});

test('an agent that is killed and started within its lease adopts the running primary: no client notices', async () => {
  const primary = await cluster.untilHealthy();
  // How long a start takes is the machine's affair, and how the others' work slows it: give the lease time for it.
  const { ttl } = cluster.timings;
  await setLease(20);
  const before = await identityOf(primary);
  const from = monotonicMs();
  const agent = cluster.agentOf(primary);
  signal(agent.pid, 'SIGKILL');
  await agent.ended;
  cluster.startAgent(primary);
  await letPass(21_000); // Longer than the lease of the one that was killed.
  expect(await cluster.untilHealthy()).toBe(primary);
  expect(await identityOf(primary)).toEqual(before);
  expect(writers.failures().filter(({ node, at }) => node === primary && at > from)).toEqual([]);
  await setLease(ttl);
});

test('an agent that is back without the store stops the primary that no guardian guards any more', async () => {
  const primary = await cluster.untilHealthy();
  const [agent, guardian] = [cluster.agentOf(primary), await cluster.guardianOf(primary)];
  await cluster.hosts.cut(primary, 'both');
  signal(agent.pid, 'SIGKILL');
  if (guardian !== null) signal(guardian, 'SIGKILL');
  await agent.ended;
  cluster.startAgent(primary);
  await until(
    'PostgreSQL is stopped',
    { withinMs: 30_000 },
    async () => (await cluster.postgresOf(primary)).length === 0,
  );
  await cluster.hosts.heal(primary);
  await cluster.untilHealthy();
});

test('an agent of a replica that is killed and started adopts it too', async () => {
  const primary = await cluster.untilHealthy();
  const replica = cluster.names.find((name) => name !== primary) ?? '';
  const before = cluster.postmasterOf(replica);
  const agent = cluster.agentOf(replica);
  signal(agent.pid, 'SIGKILL');
  await agent.ended;
  cluster.startAgent(replica);
  await until(
    'the agent answers',
    { withinMs: 30_000 },
    async () => (await cluster.http(replica, '/replica')).status === 200,
  );
  expect(await cluster.untilHealthy()).toBe(primary);
  expect(cluster.postmasterOf(replica)).toBe(before);
});

test('in pause nobody stops, starts or promotes: the primary outlives its dead agent and its lease', async () => {
  const primary = await cluster.untilHealthy();
  const before = await identityOf(primary);
  await setPause(true);
  const from = monotonicMs();
  const agent = cluster.agentOf(primary);
  signal(agent.pid, 'SIGKILL');
  await agent.ended;
  await until(
    'the lock has run out',
    { withinMs: 60_000, everyMs: 200 },
    async () => (await cluster.lockHolder()) === null,
  );
  await letPass(cluster.timings.loop_wait * 2000);
  expect(await cluster.primaries()).toEqual([primary]);
  expect(await identityOf(primary)).toEqual(before);
  expect(writers.failures().filter(({ node, at }) => node === primary && at > from)).toEqual([]);

  cluster.startAgent(primary);
  await until(
    'the agent has its lock again',
    { withinMs: 60_000, everyMs: 200 },
    async () => (await cluster.lockHolder()) === primary,
  );
  await setPause(null);
  expect(await cluster.untilHealthy()).toBe(primary);
  expect(await identityOf(primary)).toEqual(before);
});

test('in pause a stopped replica stays stopped, and is started when the pause ends', async () => {
  const primary = await cluster.untilHealthy();
  const replica = cluster.names.find((name) => name !== primary) ?? '';
  await setPause(true);
  await cluster.killPostgres(replica);
  await letPass(cluster.timings.loop_wait * 2000);
  expect(await cluster.postgresOf(replica)).toEqual([]);
  await setPause(null);
  expect(await cluster.untilHealthy()).toBe(primary);
});

test('a store that refuses (authentication) counts as lost: no primary stays, and one returns when it speaks again', {
  timeout: 3 * minutes,
}, async () => {
  const primary = await cluster.untilHealthy();
  await cluster.store.ctl('user', 'add', 'root:hippo');
  await cluster.store.ctl('user', 'grant-role', 'root', 'root');
  await cluster.store.ctl('auth', 'enable');
  try {
    await until(`${primary} is fenced`, { withinMs: 60_000 }, async () => (await cluster.primaries()).length === 0);
  } finally {
    await cluster.store.ctl('--user=root:hippo', 'auth', 'disable');
  }
  const from = monotonicMs();
  await cluster.untilHealthy();
  await writers.untilWrittenSince(from);
  expect(analyse(writers.acknowledgements(), { from, to: from, present: null }).late).toEqual([]);
});

/** Changes when anybody restarts PostgreSQL or promotes. */
async function identityOf(primary: string): Promise<unknown> {
  const [row] = await cluster.sql(
    primary,
    'SELECT pg_postmaster_start_time(), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)',
  );
  return { postmaster: cluster.postmasterOf(primary), row };
}

/** Set, and seen by every agent. */
async function setPause(pause: true | null): Promise<void> {
  await patchConfig({ pause });
  await until(`every agent has seen pause: ${pause}`, { withinMs: 30_000 }, async () => {
    const answers = await Promise.all(cluster.names.map((name) => cluster.http(name, '/patroni')));
    return answers.every(({ text }) => /"pause": ?true/.test(text) === (pause === true));
  });
}

/** Set, and the lock is under a lease of that length. */
async function setLease(ttl: number): Promise<void> {
  await patchConfig({ ttl });
  await until(`the lock is under a lease of ${ttl} s`, { withinMs: 30_000, everyMs: 200 }, async () => {
    const lease = (await storedKeys(cluster.store, cluster.keyPrefix)).get('leader')?.lease ?? 0n;
    const text = await cluster.store.ctl('lease', 'timetolive', lease.toString(16));
    return text.includes(`granted with TTL(${ttl}s)`);
  });
}

async function patchConfig(change: Readonly<Record<string, unknown>>): Promise<void> {
  const primary = await cluster.untilPrimary();
  const answer = await cluster.http(primary, '/config', { method: 'PATCH', body: JSON.stringify(change) });
  expect(answer.status).toBe(200);
}
