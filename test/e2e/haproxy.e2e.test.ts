/** Debian's HAProxy, asking the agents with either of the two configurations that people have, routes by role. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { until } from '../support/wait.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  const file = join(cluster.hosts.folder, 'haproxy.cfg');
  writeFileSync(file, configuration());
  cluster.hosts.start('outside', ['haproxy', '-f', file], { as: 'service', log: 'haproxy' });
}, 3 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster);

const styles = [
  { style: 'GET, default timing', writes: 5000, reads: 5001 },
  { style: 'OPTIONS, sessions shut on mark-down', writes: 5002, reads: 5003 },
];

test('writes reach the primary and reads the replicas, before and after a failover', {
  timeout: 4 * minutes,
}, async () => {
  const first = await cluster.untilHealthy();
  await untilRouted(first);
  await cluster.killHost(first);
  const second = await cluster.untilPrimary({ other: first });
  await untilRouted(second);
  await cluster.reviveHost(first);
  expect(await cluster.untilHealthy()).toBe(second);
  await untilRouted(second);
});

/** Through both configurations: the write port leads to the primary, the read port to every living replica in turn. */
async function untilRouted(primary: string): Promise<void> {
  const replicas = cluster.names.filter((name) => name !== primary && cluster.hosts.isAlive(name));
  for (const { style, writes, reads } of styles) {
    await until(`${style}: writes go to ${primary}`, { withinMs: 30_000, everyMs: 200 }, async () => {
      const served = await servedThrough(writes, 2);
      return served.join() === primary;
    });
    await until(`${style}: reads go to ${replicas.join()}`, { withinMs: 30_000, everyMs: 200 }, async () => {
      const served = await servedThrough(reads, 2 * replicas.length);
      return served.join() === replicas.join();
    });
  }
}

/** Who answers, over that many connections; sorted, each once. */
async function servedThrough(port: number, connections: number): Promise<readonly string[]> {
  const proxy = { host: cluster.hosts.addressOf('outside'), port };
  const found = new Set<string>();
  for (let count = 0; count < connections; count++) {
    const [[address] = []] = await cluster.sqlAt(proxy, 'SELECT host(inet_server_addr())', { limitMs: 3000 });
    found.add(cluster.names.find((name) => cluster.hosts.addressOf(name) === address) ?? String(address));
  }
  return [...found].toSorted();
}

function configuration(): string {
  const servers = (options: string): string =>
    cluster.names
      .map((name) => `  server ${name} ${cluster.hosts.addressOf(name)}:5432 ${options}check port 8008`)
      .join('\n');
  const [plain, careful] = styles;
  const get = (name: string, port: number | undefined, path: string): string =>
    `listen ${name}\n  bind *:${port}\n  option httpchk GET ${path}\n${servers('')}\n`;
  const options = (name: string, port: number | undefined, path: string): string => `listen ${name}
  bind *:${port}
  option httpchk
  http-check send meth OPTIONS uri ${path}
  http-check expect status 200
  default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions
${servers('')}
`;
  return `global
  maxconn 200
defaults
  mode tcp
  retries 2
  timeout connect 4s
  timeout client 30m
  timeout server 30m
  timeout check 5s
${get('get-writes', plain?.writes, '/primary')}
${get('get-reads', plain?.reads, '/replica')}
${options('options-writes', careful?.writes, '/primary')}
${options('options-reads', careful?.reads, '/replica')}`;
}
