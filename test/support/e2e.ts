import { afterEach } from 'vitest';
import type { Cluster } from './cluster.ts';

export const minutes = 60_000;
/** The full counts, as the acceptance of an issue has them. */
export const isLong = process.env['MATRIARCH_TEST_LONG'] === '1';

/** When a test of this file fails, the end of every agent's log comes with it: nobody can look it up afterwards. */
export function showLogsOfFailures(clusterOf: () => Cluster | undefined): void {
  afterEach(({ task }) => {
    const cluster = clusterOf();
    if (task.result?.state !== 'fail' || cluster === undefined) return;
    for (const name of cluster.names) {
      console.error(`--- ${name}, the end of its agent's log\n${lastLines(() => cluster.agentLog(name))}`);
    }
  });
}

function lastLines(read: () => string): string {
  try {
    return read().trimEnd().split('\n').slice(-40).join('\n');
  } catch (error) {
    return `(${String(error)})`;
  }
}
