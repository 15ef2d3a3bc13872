/**
 * The REST API over TLS, as Debian's programs use it: HAProxy checks it, Prometheus scrapes it; and a history that outlives
 * its agent.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { Cluster } from '../support/cluster.ts';
import { run } from '../support/command.ts';
import { checkTraces, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { nodeFile } from '../support/node-file.ts';
import { until } from '../support/wait.ts';

let cluster: Cluster;
let certificates: Certificates;
beforeAll(async () => {
  cluster = await Cluster.prepare({
    nodeFile: (node) =>
      nodeFile(node).replace(
        'restapi:\n',
        `restapi:\n  certfile: ${certificates.serverCertFile}\n  keyfile: ${certificates.serverKeyFile}\n`,
      ),
  });
  const folder = join(cluster.hosts.folder, 'tls');
  mkdirSync(folder);
  certificates = await makeCertificates(folder, { serverAddress: '127.0.0.1' });
  // The agents are another user.
  chmodSync(certificates.serverKeyFile, 0o644);
  for (const name of cluster.names) cluster.startAgent(name);
  await cluster.untilHealthy();
  startHaproxy();
  startPrometheus();
}, 4 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster);

const WRITES = 5000;
const PROMETHEUS = 9090;

test('HAProxy routes by checks over TLS, and Prometheus scrapes every member without an error', {
  timeout: 4 * minutes,
}, async () => {
  const first = await cluster.untilPrimary();
  await untilRoutedTo(first);
  await until('every target is up', { withinMs: 60_000 }, async () => {
    const targets = await targetsNow();
    return targets.length === cluster.names.length && targets.every((each) => each.health === 'up');
  });
  expect((await targetsNow()).map((each) => each.lastError)).toEqual(cluster.names.map(() => ''));
  expect(await valuesOf('patroni_primary == 1')).toEqual([[first, 1]]);
  expect(await valuesOf('matriarch_guardian_ready')).toHaveLength(cluster.names.length);
  expect((await valuesOf('matriarch_store_request_seconds_count{request="keep-alive"}')).length).toBe(
    cluster.names.length,
  );
});

test('a switchover is in the history of the new leader, in its metrics, and outlives its agent', {
  timeout: 4 * minutes,
}, async () => {
  const first = await cluster.untilPrimary();
  expect(await api(first, '/switchover', ['-X', 'POST', '-d', `{"leader": "${first}"}`])).toMatch(/^Successfully/);
  const second = await cluster.untilPrimary({ other: first });
  await untilRoutedTo(second);
  await until('the promotion is counted', { withinMs: 30_000 }, async () => {
    const counted = await valuesOf('matriarch_promotions_total{reason="switchover"}');
    return counted.some(([name, count]) => name === second && count === 1);
  });

  const promotion = { member: second, event: 'became-primary', rule: 'promote' };
  expect(await events(second)).toContainEqual(expect.objectContaining(promotion));
  expect(await events(first)).toContainEqual(expect.objectContaining({ event: 'leader-changed' }));
  const agent = cluster.agentOf(second);
  agent.child.kill('SIGKILL');
  await agent.ended;
  cluster.startAgent(second);
  await until('the history is told again', { withinMs: 60_000 }, async () => {
    const told = await events(second).catch(() => []);
    return told.some((each) => each.event === 'became-primary' && each.member === second);
  });
  await cluster.untilHealthy();
});

/** Plain `curl` from outside, over TLS. */
function api(name: string, path: string, options: readonly string[] = []): Promise<string> {
  const url = `https://${cluster.hosts.addressOf(name)}:8008${path}`;
  const command = ['curl', '-sSk', '--max-time', '60', ...options, url] as const;
  return run(cluster.hosts.inside('outside', command, 'root'), { limitMs: 70_000 });
}

const Events = z.object({
  events: z.array(z.object({ member: z.string(), event: z.string(), rule: z.string().nullable() })),
});

async function events(name: string) {
  return Events.parse(JSON.parse(await api(name, '/events?limit=1000'))).events;
}

async function untilRoutedTo(primary: string): Promise<void> {
  const proxy = { host: cluster.hosts.addressOf('outside'), port: WRITES };
  await until(`writes go to ${primary}`, { withinMs: 60_000, everyMs: 200 }, async () => {
    const [[address] = []] = await cluster.sqlAt(proxy, 'SELECT host(inet_server_addr())', { limitMs: 3000 });
    return address === cluster.hosts.addressOf(primary);
  });
}

function startHaproxy(): void {
  const servers = cluster.names.map(
    (name) => `  server ${name} ${cluster.hosts.addressOf(name)}:5432 check port 8008 check-ssl verify none inter 1s`,
  );
  const file = join(cluster.hosts.folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  maxconn 100
defaults
  mode tcp
  timeout connect 4s
  timeout client 30m
  timeout server 30m
  timeout check 5s
listen writes
  bind *:${WRITES}
  option httpchk OPTIONS /primary
  http-check expect status 200
${servers.join('\n')}
`,
  );
  cluster.hosts.start('outside', ['haproxy', '-f', file], { as: 'service', log: 'haproxy' });
}

function startPrometheus(): void {
  const file = join(cluster.hosts.folder, 'prometheus.yml');
  const targets = cluster.names.map((name) => `"${cluster.hosts.addressOf(name)}:8008"`).join(', ');
  writeFileSync(
    file,
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${join(import.meta.dirname, '../../packaging/prometheus/matriarch-rules.yml')}"]
scrape_configs:
  - job_name: matriarch
    scheme: https
    tls_config: { insecure_skip_verify: true }
    static_configs: [{ targets: [${targets}] }]
`,
  );
  const data = join(cluster.hosts.folderOf('outside'), 'prometheus');
  const options = [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=:${PROMETHEUS}`];
  cluster.hosts.start('outside', ['prometheus', ...options], { as: 'root', log: 'prometheus' });
}

const Targets = z.object({
  data: z.object({ activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })) }),
});
const Found = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.object({ name: z.string() }), value: z.tuple([z.number(), z.string()]) })),
  }),
});

async function targetsNow() {
  return Targets.parse(await prometheus('targets')).data.activeTargets;
}

/** Member and value of each series that the query finds. */
async function valuesOf(query: string): Promise<readonly (readonly [string, number])[]> {
  const { result } = Found.parse(await prometheus(`query?query=${encodeURIComponent(query)}`)).data;
  return result.map(({ metric, value: [, value] }) => [metric.name, Number(value)]);
}

async function prometheus(path: string): Promise<unknown> {
  const url = `http://${cluster.hosts.addressOf('outside')}:${PROMETHEUS}/api/v1/${path}`;
  return JSON.parse((await cluster.courier.http(url)).text);
}
