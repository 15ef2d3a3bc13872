import { afterAll, afterEach, expect } from 'vitest';
import type { Cluster } from './cluster.ts';
import { contradictionsIn, differencesIn, tracesOf } from './traces.ts';

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

/**
 * After all tests of this file. Ask for it after the hook that ends the cluster: such hooks run in reverse order.
 * `others-too`: the file writes to the store itself, which is in nobody's trace, so that the models cannot follow.
 */
export function checkTraces(
  clusterOf: () => Cluster | undefined,
  writers: 'members-only' | 'others-too' = 'members-only',
): void {
  afterAll(() => {
    const cluster = clusterOf();
    if (cluster !== undefined) expectTracesToReplay(cluster, writers);
  }, 2 * minutes);
}

/**
 * What every machine did beside real servers is what this build does with the same events, and what the servers did is
 * what the simulator's models do.
 */
export function expectTracesToReplay(cluster: Cluster, writers: 'members-only' | 'others-too' = 'members-only'): void {
  const began = performance.now();
  const traces = tracesOf(cluster);
  const machines = cluster.names.flatMap((name) => (cluster.traceOf(name) === null ? [] : [name, name, name]));
  expect(traces.map(({ member }) => member)).toEqual(machines);
  expectNone(differencesIn(traces));
  if (writers === 'members-only') expectNone(contradictionsIn(traces));
  const lines = traces.reduce((sum, each) => sum + each.lines.length, 0);
  console.log(`${traces.length} traces, ${lines} lines, replayed in ${Math.round(performance.now() - began)} ms`);
}

/** A failure shows each of them in full. */
function expectNone(problems: readonly string[]): void {
  expect(problems, problems.join('\n')).toEqual([]);
}
