/**
 * One cluster, one fault after the other, under writers on every node and outside. Each round starts from a healthy
 * cluster and ends with one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, isLong, minutes, showLogsOfFailures } from '../support/e2e.ts';
import {
  agentStopped,
  cutOff,
  type Fault,
  hostKilled,
  postgresKilled,
  postmasterKilled,
  switchover,
} from '../support/faults.ts';
import { type RoundReport, round, roundLine, type Setting } from '../support/round.ts';
import { secondFaultLine, twoFaultsInARow } from '../support/second-fault.ts';
import { Writers } from '../support/writers.ts';

let cluster: Cluster;
let writers: Writers;
beforeAll(async () => {
  cluster = await Cluster.prepare();
}, 1 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster);

test('three nodes with nothing become one primary and two streaming replicas', { timeout: 2 * minutes }, async () => {
  for (const name of cluster.names) cluster.startAgent(name);
  const primary = await cluster.untilHealthy();
  expect(await cluster.primaries()).toEqual([primary]);
  expect(await cluster.lockHolder()).toBe(primary);
  writers = await Writers.start(cluster);
});

describe('another node takes over, no write is acknowledged late, and the old primary rejoins', () => {
  const faults = [hostKilled, cutOff('both'), cutOff('incoming'), cutOff('outgoing'), agentStopped];

  test.for(faults)('$name', { timeout: 3 * minutes }, async (fault) => {
    const report = await oneRound(fault);
    expect(report.next).not.toBe(report.primary);
    expect(report.rejoin).toBe('kept its data');
  });

  test('node killed, with the leader of the store on it', { timeout: 3 * minutes }, async () => {
    const report = await oneRound(hostKilled, { storeLeader: 'on the primary' });
    expect(report.next).not.toBe(report.primary);
  });

  test('switchover, which loses nothing', { timeout: 3 * minutes }, async () => {
    const report = await oneRound(switchover);
    expect(report.next).not.toBe(report.primary);
    expect(report.lost).toEqual([]);
  });
});

describe('PostgreSQL dies alone: restarted in place without loss, or another node takes over', () => {
  test.for([postmasterKilled, postgresKilled])('$name', { timeout: 3 * minutes }, async (fault) => {
    expectNoLossInPlace(await oneRound(fault));
  });

  test('postmaster killed while eight clients pipeline commits', { timeout: 3 * minutes }, async () => {
    const style = { label: 'pipeline', places: ['outside'], seekers: 8, pipelineDepth: 64 };
    const pipelining = await Writers.start(cluster, style);
    expectNoLossInPlace(await oneRound(postmasterKilled, { by: pipelining }));
    await pipelining.stop();
  });

  function expectNoLossInPlace(report: RoundReport): void {
    if (report.next === report.primary) expect(report.lost).toEqual([]);
  }
});

test('a second fault a second after the first was mended: somebody leads all the same', {
  timeout: 4 * minutes,
}, async () => {
  const report = await twoFaultsInARow(hostKilled, { cluster, writers });
  console.log(secondFaultLine(report));
  expect(report.late).toEqual([]);
});

const returns = isLong ? 20 : 3;
test(`a primary that is killed and comes back, ${returns} times`, { timeout: (2 + returns) * minutes }, async () => {
  for (let count = 0; count < returns; count++) {
    const report = await oneRound(hostKilled);
    expect(report.rejoin).toBe('kept its data');
    if (isLong) expect(report.rejoinMs).toBeLessThan(15_000);
  }
});

async function oneRound(
  fault: Fault,
  { by = writers, storeLeader = 'elsewhere' }: { by?: Writers; storeLeader?: Setting['storeLeader'] } = {},
): Promise<RoundReport> {
  const report = await round(fault, { cluster, writers: by, storeLeader });
  console.log(roundLine(report));
  expect(report.late).toEqual([]);
  return report;
}
