/**
 * Synchronous modes on real servers: each round starts with the set full, strikes the primary under write load, and ends
 * with a full set again, without help. Not one acknowledged row may be missing.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, isLong, minutes, showLogsOfFailures } from '../support/e2e.ts';
import {
  agentFrozen,
  cutOff,
  type Fault,
  hostKilled,
  nobodyLeftToFence,
  postgresKilled,
  postmasterKilled,
} from '../support/faults.ts';
import { sharedPostgresql } from '../support/node-file.ts';
import { round, roundLine } from '../support/round.ts';
import { secondFaultLine, twoFaultsInARow } from '../support/second-fault.ts';
import { until } from '../support/wait.ts';
import { Writers } from '../support/writers.ts';

const cut = cutOff('both');
/** The first three of each are what the short run has, so that both together have every kind. */
const modes = [
  {
    mode: true,
    title: 'on',
    full: /^\{"leader":"(\w+)","quorum":0,"sync_standby":"(?!\1)\w+"\}$/,
    // A primary that nobody fences acknowledges nothing once a voter leads; a quorum does not promise that.
    kinds: [hostKilled, nobodyLeftToFence, postgresKilled, cut, agentFrozen, postmasterKilled],
  },
  {
    mode: 'quorum',
    title: 'quorum',
    full: /^\{"leader":"\w+","quorum":1,"sync_standby":"\w+,\w+"\}$/,
    kinds: [cut, agentFrozen, postmasterKilled, hostKilled, postgresKilled],
  },
] as const;

/** A second fault may strike in the middle of a rewind, after which pg_rewind finds no common ancestor any more. */
const helpsItself = { ...sharedPostgresql, remove_data_directory_on_rewind_failure: true };
const rounds = isLong ? 20 : 3;
const nth = (kinds: readonly Fault[], count: number): Fault => kinds[count % kinds.length] ?? hostKilled;

describe.each(modes)('synchronous_mode: $title', ({ mode, title, full, kinds }) => {
  let cluster: Cluster;
  let writers: Writers;
  beforeAll(async () => {
    cluster = await Cluster.start({ dynamic: { synchronous_mode: mode, postgresql: helpsItself } });
    writers = await Writers.start(cluster);
  }, 3 * minutes);
  afterAll(() => cluster.end(), 1 * minutes);
  showLogsOfFailures(() => cluster);
  checkTraces(() => cluster);

  const untilFull = (): Promise<string> =>
    until('the sync set is full', { withinMs: 30_000, everyMs: 100 }, async () => {
      const key = (await cluster.key('sync')) ?? '';
      const isLeaders = key.includes(`"leader":"${(await cluster.lockHolder()) ?? ''}"`);
      return full.test(key) && isLeaders ? key : null;
    });

  /** Who returns with WAL that nobody followed elects nobody, so a set that still names it may be without a successor. */
  const untilVotersStream = (leader: string): Promise<boolean> =>
    until('all that the sync set names stream from its leader', { withinMs: 30_000 }, async () => {
      const key = JSON.parse((await cluster.key('sync')) ?? '{}') as { leader?: string; sync_standby?: string };
      const voters = (key.sync_standby ?? '').split(',').filter((name) => name !== '');
      if (key.leader !== leader || voters.length === 0) return false;
      const text = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'";
      const streaming = (await cluster.sql(leader, text)).flat();
      return voters.every((name) => streaming.includes(name));
    });

  test(`S10: ${rounds} faults lose nothing that was acknowledged`, { timeout: (2 + rounds) * minutes }, async () => {
    for (let count = 0; count < rounds; count += 1) {
      await untilFull();
      const report = await round(nth(kinds, count), { cluster, writers, storeLeader: 'elsewhere' });
      console.log(`${title}: ${roundLine(report)}`);
      expect(report.lost).toEqual([]);
      expect(report.late).toEqual([]);
      await untilFull();
    }
  });

  test('a second fault a second after the first was mended: somebody leads all the same', {
    timeout: 4 * minutes,
  }, async () => {
    await untilFull();
    const report = await twoFaultsInARow(hostKilled, { cluster, writers }, untilVotersStream);
    console.log(`${title}: ${secondFaultLine(report)}`);
    expect(report.lost).toEqual([]);
    expect(report.late).toEqual([]);
    await untilFull();
  });

  test('the servers say what the key says', async () => {
    const key = JSON.parse(await untilFull()) as { leader: string; sync_standby: string };
    const names = mode === 'quorum' ? `ANY 1 (${key.sync_standby})` : key.sync_standby;
    expect(await cluster.sql(key.leader, 'SHOW synchronous_standby_names')).toEqual([[names]]);
  });
});
