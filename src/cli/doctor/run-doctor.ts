import { seconds } from '../../domain/time.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { adviceFor } from '../advice.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import { type Colour, painter } from '../paint.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { checkCluster, silentAgent } from './check-cluster.ts';
import { checkConfig } from './check-config.ts';
import { checkStore, type StoreCheck } from './check-store.ts';
import type { Finding } from './finding.ts';

export type DoctorOptions = ClusterOptions & { readonly format: 'text' | 'json' };

/** `doctor`: look at store, cluster and configuration, and say what to do about each thing found. It changes nothing. */
export function runDoctor(options: DoctorOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const store = await checkStore(cluster, line);
    const findings = [...store.findings, ...(store.view === null ? [] : await checkView(cluster, store.view, store))];
    const isWell = findings.every(({ level }) => level !== 'error');
    if (options.format === 'json') line.stdout.write(`${document(cluster.name, store, findings)}\n`);
    else for (const finding of findings) line.stdout.write(text(finding, line));
    return isWell ? 0 : 1;
  });
}

/** In a cluster of several groups each is judged by itself. */
async function checkView(cluster: Cluster, { groups }: SeenCluster, store: StoreCheck): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const { group, view } of groups) {
    const agents = await checkAgents(cluster, view.members);
    const own = [...checkCluster(cluster.name, view), ...agents, ...checkConfig(view, store.safeTtl)];
    found.push(...own.map((each) => (group === null ? each : { ...each, says: `group ${group}: ${each.says}` })));
  }
  return found;
}

/** What is in memory is answered at once. */
const ANSWER_LIMIT = seconds(5);

async function checkAgents(cluster: Cluster, members: SeenCluster['members']): Promise<readonly Finding[]> {
  const found = await Promise.all(
    members.map(async (member) => {
      const reply = await cluster.call(member, { method: 'GET', path: '/patroni', body: null }, ANSWER_LIMIT);
      if (reply.kind === 'no-answer') return silentAgent(member, reply.reason);
      const remedy = adviceFor(reply.status);
      return remedy === null
        ? null
        : ({ area: 'cluster', level: 'error', says: `the agent of ${member.name} lets us not in`, remedy } as const);
    }),
  );
  return found.filter((each) => each !== null);
}

const colours: Readonly<Record<Finding['level'], Colour>> = {
  fine: 'green',
  note: 'cyan',
  warning: 'yellow',
  error: 'red',
};

function text({ area, level, says, remedy }: Finding, line: OperatorLine): string {
  const paint = painter(line.stdout, line);
  const what = `${area.padEnd('configuration'.length)}  ${paint(colours[level], level.padEnd('warning'.length))}  ${says}\n`;
  return remedy === null ? what : `${what}${' '.repeat(INDENT)}→ ${remedy}\n`;
}

const INDENT = 'configuration  warning  '.length;

function document(cluster: string, { latency, safeTtl }: StoreCheck, findings: readonly Finding[]): string {
  return renderSpacedJson({
    cluster,
    store: latency === null ? null : { median_ms: latency.median, slowest_ms: latency.slowest },
    safe_ttl: safeTtl / 1000,
    findings: findings.map((each) => ({ ...each })),
  });
}
