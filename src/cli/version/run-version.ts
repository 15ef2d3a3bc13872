import type { Member } from '../../domain/cluster-view.ts';
import { isJsonObject, type Json } from '../../domain/json.ts';
import { seconds } from '../../domain/time.ts';
import { compatibilityVersion, productVersion } from '../../domain/version.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { parseJson } from '../../wire/json.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { isStop } from '../stop.ts';
import { codeOfFailure, type Tool } from '../tool.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';

export type VersionOptions = ClusterOptions & {
  readonly tool: Tool;
  readonly format: 'text' | 'json';
  /** Empty: all. Unknown names are passed over. */
  readonly members: readonly string[];
};

/** `version`: of this tool, and of a cluster's agents and servers when one is named (spec/ctl.md 8.8). */
export async function runVersion(options: VersionOptions, line: OperatorLine): Promise<ExitCode> {
  const { tool, format } = options;
  const own = tool === 'patronictl' ? compatibilityVersion : productVersion;
  if (format === 'text') line.stdout.write(`${tool} version ${own}\n`);
  if (options.cluster === null) {
    if (format === 'json') line.stdout.write(`${renderSpacedJson({ version: own })}\n`);
    return 0;
  }
  return withCluster(options, line, async (cluster) => {
    if (format === 'text') line.stdout.write('\n');
    const seen = await cluster.view();
    if (isStop(seen)) return seen;
    const named = seen.groups
      .flatMap(({ view }) => view.members)
      .filter(
        ({ name, apiUrl }) => apiUrl !== null && (options.members.length === 0 || options.members.includes(name)),
      );
    if (named.length === 0) line.stderr.write(`Cluster ${cluster.name} has no such member, or none at all\n`);
    const found: MemberVersion[] = [];
    for (const member of named) {
      const version = await askVersion(cluster, member, tool);
      found.push(version);
      if (format === 'text') line.stdout.write(`${text(version)}\n`);
    }
    if (format === 'json') line.stdout.write(`${renderSpacedJson({ version: own, members: found.map(json) })}\n`);
    const isTold = found.length > 0 && found.every(({ outcome }) => outcome === 'known');
    return isTold ? 0 : codeOfFailure(tool);
  });
}

/** What is in memory is answered at once. */
const ANSWER_LIMIT = seconds(5);

type MemberVersion =
  | {
      readonly outcome: 'known';
      readonly member: string;
      /** Of Patroni; of one of ours, the version that it is compatible with. */
      readonly agent: string;
      /** `null`: Patroni's, or nobody wanted to know. */
      readonly matriarch: string | null;
      readonly server: string | null;
    }
  | { readonly outcome: 'failed'; readonly member: string; readonly reason: string };

async function askVersion(cluster: Cluster, member: Member, tool: Tool): Promise<MemberVersion> {
  const ask = (path: string): Promise<AgentReply> =>
    cluster.call(member, { method: 'GET', path, body: null }, ANSWER_LIMIT);
  const version = versionIn(member.name, await ask('/patroni'));
  if (version.outcome === 'failed' || tool === 'patronictl' || member.agent === 'foreign') return version;
  // The status document is Patroni's, and has no room for it.
  const metrics = await ask('/metrics');
  const told = metrics.kind === 'answered' ? BUILD.exec(metrics.body)?.[1] : undefined;
  return { ...version, matriarch: told ?? null };
}

const BUILD = /^matriarch_build_info\{[^}]*version="([^"]*)"/m;

function versionIn(member: string, reply: AgentReply): MemberVersion {
  if (reply.kind === 'no-answer') return { outcome: 'failed', member, reason: reply.reason };
  const parsed = parseJson(reply.body);
  const document = parsed.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json : {};
  const agent = isJsonObject(document['patroni']) ? document['patroni']['version'] : null;
  if (typeof agent !== 'string') {
    return { outcome: 'failed', member, reason: `its answer names none (status ${reply.status})` };
  }
  const server = serverVersion(document['server_version'] ?? null);
  return { outcome: 'known', member, agent, matriarch: null, server };
}

/** `160004` is 16.4, `90612` was 9.6.12. */
function serverVersion(number: Json): string | null {
  if (typeof number !== 'number') return null;
  const [first, second, third] = [Math.floor(number / 10_000), Math.floor(number / 100) % 100, number % 100];
  return number < 100_000 ? `${first}.${second}.${third}` : `${first}.${number % 10_000}`;
}

function text(version: MemberVersion): string {
  if (version.outcome === 'failed') return `${version.member}: failed to get version: ${version.reason}`;
  const { member, agent, matriarch, server } = version;
  const ours = matriarch === null ? '' : ` Matriarch ${matriarch}, as`;
  return `${member}:${ours} Patroni ${agent}${server === null ? '' : ` PostgreSQL ${server}`}`;
}

function json(version: MemberVersion): Json {
  return { ...version };
}
