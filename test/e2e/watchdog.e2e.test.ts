/** The kernel's watchdog, as a pipe in its place sees it (`driver: testing`); what a device would do, the test does. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { signal } from '../support/namespace-processes.ts';
import { nodeFile } from '../support/node-file.ts';
import { letPass, monotonicMs, until } from '../support/wait.ts';
import { WatchdogPipe } from '../support/watchdog-pipe.ts';
import { analyse } from '../support/write-analysis.ts';
import { Writers } from '../support/writers.ts';

const timings = { ttl: 10, loop_wait: 2, retry_timeout: 3 };
/** What `safety_margin: 5` makes of that `ttl`. */
const TIMEOUT_MS = 5_000;
const READ_WITHIN_MS = 100;

let cluster: Cluster;
let writers: Writers;
const pipes = new Map<string, WatchdogPipe>();
beforeAll(async () => {
  cluster = await Cluster.prepare({
    timings,
    nodeFile: (node) =>
      `${nodeFile(node)}watchdog: { mode: required, driver: testing, device: ${join(node.folder, 'watchdog')} }\n`,
  });
  for (const name of cluster.names) {
    const pipe = new WatchdogPipe(join(cluster.hosts.folderOf(name), 'watchdog'));
    pipe.appear();
    pipes.set(name, pipe);
    cluster.startAgent(name);
  }
  await cluster.untilHealthy();
  writers = await Writers.start(cluster);
}, 3 * minutes);
afterAll(async () => {
  await cluster.end();
  for (const pipe of pipes.values()) pipe.vanish();
}, 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster);

test('the leader’s is open and fed often, the others’ are closed', async () => {
  const primary = await cluster.untilHealthy();
  await letPass(2 * timings.ttl * 1000);

  expect(pipeOf(primary).firesAt).not.toBeNull();
  expect(pipeOf(primary).longestGapMs).toBeLessThan(TIMEOUT_MS / 2);
  expect(pipeOf(primary).writes.find((each) => each.kind === 'time-out')).toMatchObject({ seconds: TIMEOUT_MS / 1000 });
  for (const name of othersThan(primary)) expect(pipeOf(name).firesAt).toBeNull();
});

test('a switchover closes the old leader’s and opens the new one’s', async () => {
  const primary = await cluster.untilHealthy();
  const from = monotonicMs();
  const asked = await cluster.http(primary, '/switchover', {
    method: 'POST',
    body: JSON.stringify({ leader: primary }),
  });
  expect(asked.status).toBe(200);
  const next = await cluster.untilHealthy();

  expect(next).not.toBe(primary);
  expect(pipeOf(primary).since(from, 'close')).not.toEqual([]);
  expect(pipeOf(primary).firesAt).toBeNull();
  expect(pipeOf(next).firesAt).not.toBeNull();
});

test('an agent that is frozen: the guardian fences in time, then closes it, and it never fires', {
  timeout: 3 * minutes,
}, async () => {
  const primary = await cluster.untilHealthy();
  const pipe = pipeOf(primary);
  const agent = cluster.agentOf(primary);
  const from = monotonicMs();
  signal(agent.pid, 'SIGSTOP');
  await until(`the watchdog of ${primary} is closed`, { withinMs: 30_000 }, () => pipe.since(from, 'close').length > 0);
  const closedAt = pipe.since(from, 'close')[0]?.at ?? 0;

  expect(await cluster.postgresOf(primary)).toEqual([]);
  expect(closedAt - from).toBeLessThan(timings.ttl * 1000);
  expect(pipe.longestGapMs).toBeLessThan(TIMEOUT_MS);
  await cluster.untilPrimary({ other: primary });
  signal(agent.pid, 'SIGCONT');
  await cluster.untilHealthy();
});

test('agent and guardian are frozen: it would fire before the lease is over, and nothing feeds it then', {
  timeout: 3 * minutes,
}, async () => {
  const primary = await cluster.untilHealthy();
  const pipe = pipeOf(primary);
  const guardian = await cluster.guardianOf(primary);
  const from = monotonicMs();
  for (const pid of [guardian, cluster.agentOf(primary).pid]) if (pid !== null) signal(pid, 'SIGSTOP');
  await letPass(READ_WITHIN_MS);
  const firesAt = pipe.firesAt ?? Infinity;
  // No proof of the lock left after that instant, so its deadline is one ttl after it at the latest.
  expect(firesAt).toBeLessThan(from + timings.ttl * 1000);
  await until('it fires', { withinMs: 30_000, everyMs: 5 }, () => monotonicMs() >= firesAt);
  expect(pipe.firesAt).toBe(firesAt);
  expect(await cluster.lockHolder()).toBe(primary);
  await cluster.killHost(primary); // What a device does.

  await cluster.untilPrimary({ other: primary });
  await writers.untilWrittenSince(monotonicMs());
  expect(analyse(writers.acknowledgements(), { from, to: monotonicMs(), present: null }).late).toEqual([]);
  await cluster.reviveHost(primary);
  writers.startOn(primary);
  await cluster.untilHealthy();
});

test('required and missing: the member does not campaign, says so, and does when there is one', {
  timeout: 4 * minutes,
}, async () => {
  const primary = await cluster.untilHealthy();
  const [without, other] = othersThan(primary);
  if (without === undefined || other === undefined) throw new Error('three members are needed');
  pipeOf(without).vanish();
  await until(
    'its status tells',
    { withinMs: 30_000 },
    async () => (await statusOf(without))['watchdog_failed'] === true,
  );
  expect((await statusOf(other))['watchdog_failed']).toBeUndefined();
  for (const name of [primary, other]) signal(cluster.agentOf(name).pid, 'SIGKILL');
  await until('nobody leads', { withinMs: 60_000 }, async () => (await cluster.lockHolder()) === null);
  await letPass(timings.ttl * 1000);

  expect(await cluster.lockHolder()).toBeNull();
  const decision = await cluster.http(without, '/decision');
  expect(decision.text).toContain('may-not-campaign');
  expect(decision.text).toContain('Watchdog device is not usable');
  pipeOf(without).appear();
  await until(`${without} leads`, { withinMs: 60_000 }, async () => (await cluster.primaries()).includes(without));
  expect(pipeOf(without).firesAt).not.toBeNull();
});

function pipeOf(name: string): WatchdogPipe {
  const pipe = pipes.get(name);
  if (pipe === undefined) throw new Error(`no pipe for ${name}`);
  return pipe;
}

function othersThan(primary: string): readonly string[] {
  return cluster.names.filter((name) => name !== primary);
}

async function statusOf(name: string): Promise<Record<string, unknown>> {
  const { text } = await cluster.http(name, '/patroni');
  const status: unknown = JSON.parse(text);
  return typeof status === 'object' && status !== null ? { ...status } : {};
}
