/**
 * `./run bench api`: how many health checks a second an agent answers, ours beside the other product's (when it is installed)
 * on the same machine in the same run; and how long a check takes while a switchover, a reload and slow clients go on. Each
 * check is a connection of its own, as load balancers make them. Needs root. Run it on a quiet machine.
 *
 *   --rounds=N    of each (default 3)
 *   --seconds=N   of each round (default 5)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AgentKind, isPatroniInstalled, matriarch, patroni } from '../support/agents.ts';
import { Cluster } from '../support/cluster.ts';
import { run } from '../support/command.ts';
import type { LoadReport } from '../support/rest-load-process.ts';
import { columns, median } from './table.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '5' } },
});
const rounds = Number(options.rounds);
const CONNECTIONS = 8;
const SLOW_CLIENTS = 50;
/** What we allow ourselves: so many times the other product's requests a second, and the 99th percentile in milliseconds. */
const TIMES_AS_MANY = 15;
const P99_LIMIT_MS = 20;
/** A switchover and a reload happen within it. */
const BUSY_SECONDS = 15;

/** Linux counts so for every program, whatever its own clock ticks at. */
const TICKS_PER_SECOND = 100;

/** `costs`: processor time of the agent's process for each request, in milliseconds; it hardly depends on what else runs. */
type Flood = { readonly agent: string; readonly rates: readonly number[]; readonly costs: readonly number[] };
type Busy = { readonly agent: string; readonly reports: readonly LoadReport[] };

const floods: Flood[] = [];
const busy: Busy[] = [];
for (const make of isPatroniInstalled() ? [matriarch, patroni] : [matriarch]) await measure(make);

const theirs = floods.find(({ agent }) => !agent.startsWith('matriarch'));
const floodRows = floods.map(({ agent, rates, costs }) => {
  const isOurs = agent.startsWith('matriarch');
  const ratio = isOurs && theirs !== undefined ? median(rates) / median(theirs.rates) : null;
  const limit = ratio === null ? '' : `${TIMES_AS_MANY}${ratio >= TIMES_AS_MANY ? '' : ' !'}`;
  const times = ratio === null ? '' : ratio.toFixed(1);
  return [agent, figure(median(rates)), rates.map(figure).join(' '), times, limit, median(costs).toFixed(3)];
});
console.log(`\nGET /primary, ${CONNECTIONS} connections at a time, requests a second`);
console.log(columns([['agent', 'median', 'all', 'times', 'limit', 'processor ms each'], ...floodRows]));
const busyRows = busy.map(({ agent, reports }) => {
  const p99 = median(reports.map((each) => each.p99));
  const isOurs = agent.startsWith('matriarch');
  const limit = isOurs ? `${P99_LIMIT_MS}${p99 < P99_LIMIT_MS ? '' : ' !'}` : '';
  const failed = reports.reduce((sum, each) => sum + each.failed, 0);
  return [agent, p99.toFixed(1), reports.map((each) => each.p99.toFixed(1)).join(' '), limit, String(failed)];
});
console.log(`\nGET /health during a switchover, a reload and ${SLOW_CLIENTS} slow clients, 99th percentile in ms`);
console.log(columns([['agent', 'median', 'all', 'limit', 'unanswered'], ...busyRows]));

async function measure(make: (folder: string) => Promise<AgentKind>): Promise<void> {
  const cluster = await Cluster.start({ agent: make, traces: 'none' });
  try {
    const agent = cluster.agent.version;
    const rates: number[] = [];
    const costs: number[] = [];
    const reports: LoadReport[] = [];
    for (let count = 0; count < rounds; count++) {
      const leader = await cluster.untilHealthy();
      const before = processorMs(cluster.agentOf(leader).pid);
      const { perSecond, answered } = await load(cluster, leader, 'flood', '/primary', options.seconds);
      const cost = (processorMs(cluster.agentOf(leader).pid) - before) / answered;
      console.log(`${agent}: ${figure(perSecond)} requests a second, ${cost.toFixed(3)} ms of processor each`);
      rates.push(perSecond);
      costs.push(cost);
    }
    for (let count = 0; count < rounds; count++) {
      const report = await whileBusy(cluster);
      console.log(`${agent}, busy: ${JSON.stringify(report)}`);
      reports.push(report);
    }
    floods.push({ agent, rates, costs });
    busy.push({ agent, reports });
  } finally {
    await cluster.end();
  }
}

/** Asked is the member that hands over. */
async function whileBusy(cluster: Cluster): Promise<LoadReport> {
  const leader = await cluster.untilHealthy();
  const seconds = String(BUSY_SECONDS);
  const slow = load(cluster, leader, 'slow', '/health', seconds);
  const checks = load(cluster, leader, 'checks', '/health', seconds);
  await cluster.http(leader, '/reload', { method: 'POST' });
  const body = JSON.stringify({ leader });
  await cluster
    .http(leader, '/switchover', { method: 'POST', body, limitMs: BUSY_SECONDS * 1000 })
    .catch(console.error);
  const report = await checks;
  await slow;
  await cluster.untilHealthy();
  return report;
}

async function load(
  cluster: Cluster,
  name: string,
  kind: 'flood' | 'checks' | 'slow',
  path: string,
  seconds: string,
): Promise<LoadReport> {
  const program = join(import.meta.dirname, '../support/rest-load-process.ts');
  const connections = String(kind === 'slow' ? SLOW_CLIENTS : CONNECTIONS);
  const args = [program, kind, cluster.hosts.addressOf(name), '8008', path, seconds, connections];
  const command = cluster.hosts.inside('outside', [process.execPath, ...args], 'root');
  return JSON.parse(await run(command, { limitMs: (Number(seconds) + 30) * 1000 })) as LoadReport;
}

/** Of all threads of a process since it began, in user and kernel mode. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function figure(value: number): string {
  return value.toFixed(0);
}
