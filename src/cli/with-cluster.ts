import type { ClusterView, Member } from '../domain/cluster-view.ts';
import type { StoreWrite, WriteOutcome } from '../domain/store-write.ts';
import { type Millis, millis } from '../domain/time.ts';
import type { AgentApi, AgentCall, AgentReply } from '../ports/agent-api.ts';
import type { OperatorStore } from '../ports/store.ts';
import { clusterPrefix } from '../wire/store-keys.ts';
import type { ExitCode, GlobalOptions, OperatorLine } from './command-line.ts';
import type { CtlConfig } from './ctl-config.ts';
import { loadConfig } from './load-config.ts';
import { type ClusterRead, glanceAtCluster, readCluster } from './read-cluster.ts';
import { isStop, type Stop, stop } from './stop.ts';

export type ClusterOptions = GlobalOptions & {
  /** `null`: the configured scope. */
  readonly cluster: string | null;
};

/** One cluster as a command works with it: its keys, and its members' agents. */
export type Cluster = {
  readonly name: string;
  /** One consistent picture, read now. */
  view(): Promise<ClusterView | Stop>;
  /** The same, asked once, for whoever looks again soon; the next one asks another member of the store if this one fails. */
  glance(): Promise<ClusterRead>;
  write(write: StoreWrite): Promise<WriteOutcome>;
  /** Call a member's agent; one without an address does not answer. */
  call(member: Member, call: Omit<AgentCall, 'apiUrl'>, limit: Millis): Promise<AgentReply>;
};

/**
 * Find the configuration and the cluster, do `work`, and close what was opened. What stops the work is said on standard
 * error, and ends with 1.
 */
export async function withCluster(
  options: ClusterOptions,
  line: OperatorLine,
  work: (cluster: Cluster) => Promise<ExitCode | Stop>,
): Promise<ExitCode> {
  const loaded = loadConfig(options, line);
  if (loaded.kind === 'invalid') return told(stop(loaded.message), line);
  const { config } = loaded;
  const name = options.cluster ?? config.scope;
  if (name === null) {
    return told(stop('No cluster is named: give its name, or a configuration (-c FILE) with its scope'), line);
  }
  const store = line.openStore(config.store, clusterPrefix({ namespace: config.namespace, scope: name }));
  try {
    const ended = await work(openCluster(name, { config, store, line }));
    return isStop(ended) ? told(ended, line) : ended;
  } finally {
    await store.close();
  }
}

/** A write is sent once: one that was not answered may have been made. */
const WRITE_LIMIT = millis(10_000);

function openCluster(
  name: string,
  { config, store, line }: { readonly config: CtlConfig; readonly store: OperatorStore; readonly line: OperatorLine },
): Cluster {
  let agents: AgentApi | null = null;
  return {
    name,
    async view() {
      const read = await readCluster(store, line);
      return read.kind === 'view' ? read.view : stop(`Can not read cluster ${name}: ${read.why}`);
    },
    glance: () => glanceAtCluster(store),
    write: (write) => store.write(write, WRITE_LIMIT),
    call({ apiUrl }, call, limit) {
      if (typeof config.access === 'string') return unanswered(`the configuration cannot be used: ${config.access}`);
      if (apiUrl === null) return unanswered('it published no api_url');
      agents ??= line.openAgents(config.access);
      return agents.call({ apiUrl, ...call }, limit);
    },
  };
}

function unanswered(reason: string): Promise<AgentReply> {
  return Promise.resolve({ kind: 'no-answer', reason });
}

function told({ line: text }: Stop, { stderr }: OperatorLine): ExitCode {
  stderr.write(`${text}\n`);
  return 1;
}
