/** Restarts and new copies that an operator orders of a cluster that runs. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { type Called, call, matriarchCommand } from '../support/matriarch.ts';
import { until } from '../support/wait.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.prepare();
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
async function operator(tool: 'matriarch' | 'patronictl', ...args: readonly string[]): Promise<Called> {
  const file = join(cluster.hosts.folderOf('n1'), 'patroni.yml');
  const called = await call(cluster.hosts.inside('outside', matriarchCommand(['-c', file, ...args], tool), 'root'));
  console.log(`$ ${tool} ${args.join(' ')}\n${called.stdout}${called.stderr}[${called.code}]`);
  return called;
}

/** What tells one life of a PostgreSQL from the next. */
async function started(node: string): Promise<string> {
  const [[at] = []] = await cluster.sql(node, 'SELECT pg_postmaster_start_time()');
  return String(at);
}

async function timeline(): Promise<string> {
  const [[line] = []] = await cluster.sql('n1', 'SELECT timeline_id FROM pg_control_checkpoint()');
  return String(line);
}

const name = (): string => 'lab';

test('a primary restarts under its lock, on the same timeline', { timeout: 2 * minutes }, async () => {
  const [before, on] = [await started('n1'), await timeline()];
  const { code, stdout } = await operator('matriarch', 'restart', name(), 'n1', '--force');

  expect([code, stdout]).toEqual([0, expect.stringContaining('Success: restart on member n1\n')]);
  expect(await started('n1')).not.toBe(before);
  await cluster.untilHealthy();
  expect(await timeline()).toBe(on);
});

test('replicas restart, and only where the role fits', { timeout: 2 * minutes }, async () => {
  const before = { n1: await started('n1'), n2: await started('n2') };
  const { code } = await operator('patronictl', 'restart', name(), '-r', 'replica', '--force');

  expect(code).toBe(0);
  expect(await started('n1')).toBe(before.n1);
  expect(await started('n2')).not.toBe(before.n2);
  await cluster.untilHealthy();
});

test('a scheduled restart is shown, taken back, scheduled again and done', { timeout: 2 * minutes }, async () => {
  const soon = (span: number): string => new Date(Date.now() + span).toISOString();
  const tomorrow = await operator('matriarch', 'restart', name(), 'n2', '--scheduled', soon(86_400_000), '--force');
  expect(tomorrow).toMatchObject({ code: 0, stdout: expect.stringContaining('restart scheduled on member n2') });
  await until('it is shown', { withinMs: 15_000 }, async () => {
    const { stdout } = await operator('matriarch', 'list', name());
    return stdout.includes('Scheduled restart');
  });
  expect(await operator('matriarch', 'flush', name(), 'n2', 'restart', '--force')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Success: flush scheduled restart for member n2'),
  });

  const before = await started('n2');
  await operator('matriarch', 'restart', name(), 'n2', '--scheduled', soon(5_000), '--force');
  await until(
    'it was restarted',
    { withinMs: 30_000 },
    async () => (await started('n2').catch(() => before)) !== before,
  );
  await cluster.untilHealthy();
});

test('a replica gets a new copy, the primary does not, and exit statuses say so', {
  timeout: 3 * minutes,
}, async () => {
  const before = await started('n3');
  const copied = await operator('matriarch', 'reinit', name(), 'n3', '--force', '--wait');

  expect(copied).toMatchObject({ code: 0, stdout: expect.stringMatching(/Reinitialize is completed on: n3\n$/) });
  expect(await started('n3')).not.toBe(before);
  await cluster.untilHealthy();
  expect((await operator('matriarch', 'reinit', name(), 'n1', '--force')).code).toBe(1);
  expect((await operator('matriarch', 'restart', name(), 'n1', '--pg-version', '9.5.2', '--force')).code).toBe(1);
  expect((await operator('patronictl', 'restart', name(), 'n1', '--pg-version', '9.5.2', '--force')).code).toBe(0);
  expect((await operator('matriarch', 'reload', name(), '--force')).code).toBe(0);
  expect((await operator('matriarch', 'flush', name())).code).toBe(2);
});
