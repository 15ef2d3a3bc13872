/**
 * `./run bench failover`: how long clients outside cannot write, per kind of fault; ours beside the other product's
 * (when it is installed) on the same machine in the same run. A round's figure is its longest gap, a line's the median.
 *
 *   --rounds=N                  per line (default 5)
 *   --agent=matriarch|patroni   only that one
 *   --ttl=N                     only settings with that ttl
 */
import { parseArgs } from 'node:util';
import { type AgentKind, isPatroniInstalled, matriarch, patroni } from '../support/agents.ts';
import { Cluster } from '../support/cluster.ts';
import { cutOff, type Fault, hostKilled, postmasterKilled, switchover } from '../support/faults.ts';
import type { Timings } from '../support/node-file.ts';
import { type RoundReport, round, roundLine, type Setting } from '../support/round.ts';
import { monotonicMs } from '../support/wait.ts';
import { Writers } from '../support/writers.ts';
import { type Line, table } from './table.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, agent: { type: 'string' }, ttl: { type: 'string' } },
});
const rounds = Number(options.rounds);

/** What is measured, and the most that we allow ourselves, in seconds. */
const kinds: readonly Kind[] = [
  { name: 'node killed', fault: hostKilled, limitS: (ttl) => ttl + 1.5 },
  { name: 'primary cut off', fault: cutOff('both'), limitS: (ttl) => ttl + 1.5 },
  { name: 'postmaster killed', fault: postmasterKilled, limitS: () => 2 },
  { name: 'switchover', fault: switchover, limitS: () => 1.5 },
  {
    name: 'node killed, store led from it',
    fault: hostKilled,
    storeLeader: 'on the primary',
    limitS: (ttl) => ttl + 4.5,
  },
];

const contestants: readonly Contestant[] = [
  { name: 'matriarch', make: matriarch, timings: { ttl: 5, loop_wait: 2, retry_timeout: 1 } },
  { name: 'matriarch', make: matriarch, timings: { ttl: 20, loop_wait: 2, retry_timeout: 1 } },
  // The other product accepts nothing shorter.
  { name: 'patroni', make: patroni, timings: { ttl: 20, loop_wait: 1, retry_timeout: 3 } },
];

const lines: Line[] = [];
for (const contestant of contestants) {
  if (options.agent !== undefined && options.agent !== contestant.name) continue;
  if (options.ttl !== undefined && Number(options.ttl) !== contestant.timings.ttl) continue;
  if (contestant.name === 'patroni' && !isPatroniInstalled()) {
    console.log('patroni is not installed here: measured alone');
    continue;
  }
  lines.push(...(await measure(contestant)));
}
console.log(`\n${table(lines)}`);

async function measure({ make, timings }: Contestant): Promise<readonly Line[]> {
  const wanted = { agent: make, timings, traces: 'none' } as const;
  const starts: number[] = [];
  for (let count = 0; count < rounds; count++) starts.push(await secondsToStart(wanted));

  const cluster = await Cluster.start(wanted);
  try {
    const who = { agent: cluster.agent.version, ttl: timings.ttl };
    const found: Line[] = [
      { ...who, name: 'nothing to three streaming', seconds: starts, limitS: 12, late: null, lost: null },
    ];
    const writers = await Writers.start(cluster);
    for (const { name, fault, storeLeader = 'elsewhere', limitS } of kinds) {
      const reports: RoundReport[] = [];
      for (let count = 0; count < rounds; count++) {
        const report = await round(fault, { cluster, writers, storeLeader });
        console.log(`${who.agent}, ttl ${who.ttl}: ${roundLine(report)}`);
        reports.push(report);
      }
      found.push({
        ...who,
        name,
        seconds: reports.map(({ longestGapMs }) => longestGapMs / 1000),
        limitS: limitS(timings.ttl),
        late: sum(reports.map(({ late }) => late.length)),
        lost: sum(reports.map(({ lost }) => lost.length)),
      });
    }
    return found;
  } finally {
    await cluster.end();
  }
}

/** From the start of the three agents (the store is there, the disks are empty) until both replicas stream. */
async function secondsToStart(wanted: {
  readonly agent: Contestant['make'];
  readonly timings: Timings;
}): Promise<number> {
  const cluster = await Cluster.prepare(wanted);
  try {
    const from = monotonicMs();
    for (const name of cluster.names) cluster.startAgent(name);
    await cluster.untilHealthy();
    return (monotonicMs() - from) / 1000;
  } finally {
    await cluster.end();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

interface Kind {
  readonly name: string;
  readonly fault: Fault;
  readonly storeLeader?: Setting['storeLeader'];
  readonly limitS: (ttl: number) => number;
}

interface Contestant {
  readonly name: AgentKind['name'];
  readonly make: (folder: string) => Promise<AgentKind>;
  readonly timings: Timings;
}
