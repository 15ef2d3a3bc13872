/** The store is away as a whole, under writers on every node and outside: with failsafe mode, and without it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, isLong, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { monotonicMs, until } from '../support/wait.ts';
import { lateAcknowledgements, longestGap } from '../support/write-analysis.ts';
import { Writers } from '../support/writers.ts';

/** Many times the ttl of these clusters either way. */
const OUTAGE_MS = isLong ? 60_000 : 20_000;

describe('failsafe mode', () => {
  let cluster: Cluster;
  let writers: Writers;
  beforeAll(async () => {
    cluster = await Cluster.start({ dynamic: { failsafe_mode: true } });
    writers = await Writers.start(cluster);
    await until('the list names all three', { withinMs: 10_000 }, async () => {
      const listed = (await cluster.key('failsafe')) ?? '';
      return cluster.names.every((name) => listed.includes(`"${name}"`));
    });
  }, 3 * minutes);
  afterAll(() => cluster.end(), 1 * minutes);
  showLogsOfFailures(() => cluster);
  checkTraces(() => cluster);

  test('all members of the store are stopped: the primary goes on, and no write waits', {
    timeout: 4 * minutes,
  }, async () => {
    const primary = await cluster.untilHealthy();
    const from = monotonicMs();

    await cluster.store.stop();
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    const status = await cluster.http(primary, '/primary');
    const { failsafe_mode_is_active: isActive } = JSON.parse(status.text) as { failsafe_mode_is_active?: boolean };
    const to = monotonicMs();
    await cluster.store.start();
    const after = await cluster.untilHealthy();

    expect(status.status).toBe(200);
    expect(isActive).toBe(true);
    expect(after).toBe(primary);
    const heard = writers.acknowledgements().filter(({ place }) => place === 'outside');
    const gap = longestGap(
      heard.map(({ at }) => at),
      { from, to: monotonicMs() },
    );
    const failed = writers.failures().filter(({ at }) => at >= from);
    console.log(
      `${String(Math.round(to - from))} ms without the store: longest gap ${String(Math.round(gap))} ms, ${String(failed.length)} failures`,
    );
    expect(failed).toEqual([]);
    expect(lateAcknowledgements(writers.acknowledgements())).toEqual([]);
  });

  test('a replica is cut off as well: the primary stops, and nobody else leads', { timeout: 4 * minutes }, async () => {
    const primary = await cluster.untilHealthy();
    const [other = ''] = cluster.names.filter((name) => name !== primary);
    await cluster.store.stop();
    await until('the members agree', { withinMs: 20_000 }, async () =>
      (await cluster.http(primary, '/patroni')).text.includes('failsafe_mode_is_active'),
    );

    await cluster.hosts.cut(other, 'both');
    await until('nobody accepts writes', { withinMs: 60_000 }, async () => (await cluster.primaries()).length === 0);
    await cluster.hosts.heal(other);
    await cluster.store.start();
    await cluster.untilHealthy();

    expect(lateAcknowledgements(writers.acknowledgements())).toEqual([]);
  });

  test('with the mode switched off it stops before its lease ends', { timeout: 4 * minutes }, async () => {
    const primary = await cluster.untilHealthy();
    const patched = await cluster.http(primary, '/config', { method: 'PATCH', body: '{"failsafe_mode": false}' });
    expect(patched.status).toBe(200);
    await cluster.store.stop();
    const stoppedAt = monotonicMs();

    await until('nobody accepts writes', { withinMs: 60_000 }, async () => (await cluster.primaries()).length === 0);
    const last = writers.acknowledgements().at(-1)?.at ?? 0;
    await cluster.store.start();
    await cluster.untilHealthy();
    await writers.stop();

    // The lease was renewed before the store stopped.
    expect(last - stoppedAt).toBeLessThan(cluster.timings.ttl * 1000);
    expect(lateAcknowledgements(writers.acknowledgements())).toEqual([]);
  });
});
