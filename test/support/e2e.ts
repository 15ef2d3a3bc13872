import { afterEach } from 'vitest';
import type { Cluster } from './cluster.ts';

export const minutes = 60_000;
/** The full counts, as the acceptance of an issue has them. */
export const isLong = process.env['MATRIARCH_TEST_LONG'] === '1';

/** When a test of this file fails, the end of every agent's log comes with it: nobody can look it up afterwards. */
export function showLogsOfFailures(clusterOf: () => Cluster | undefined): void {
  afterEach(({ task }) => {
    const cluster = clusterOf();
    if (task.result?.state === 'fail' && cluster !== undefined) console.error(cluster.endsOfLogs());
  });
}
