import type { Member } from '../domain/cluster-view.ts';
import type { StoreWrite, WriteOutcome } from '../domain/store-write.ts';
import { type Millis, millis } from '../domain/time.ts';
import type { AgentApi, AgentCall, AgentReply } from '../ports/agent-api.ts';
import type { OperatorStore } from '../ports/store.ts';
import type { OperatorLine } from './command-line.ts';
import type { CtlConfig } from './ctl-config.ts';
import { type Grouping, groupPrefix, type SeenCluster } from './groups.ts';
import { type ClusterRead, glanceAtCluster, readCluster } from './read-cluster.ts';
import { type Stop, stop } from './stop.ts';

/** One cluster as a command works with it: its keys, and its members' agents. */
export type Cluster = {
  readonly name: string;
  readonly grouping: Grouping;
  /** One group of it alone. */
  inGroup(group: number): Cluster;
  /** One consistent picture, read now. */
  view(): Promise<SeenCluster | Stop>;
  /** The same, asked once, for whoever looks again soon; the next one asks another member of the store if this one fails. */
  glance(): Promise<ClusterRead>;
  /** Ask each member of the store that is configured, alone: which of them does not answer, and why? */
  silentEndpoints(): Promise<readonly { readonly endpoint: string; readonly why: string }[]>;
  write(write: StoreWrite): Promise<WriteOutcome>;
  /** Delete everything that the store has of it. */
  removeEverything(): Promise<WriteOutcome>;
  /** Call a member's agent; one without an address does not answer. */
  call(member: Member, call: Omit<AgentCall, 'apiUrl'>, limit: Millis): Promise<AgentReply>;
};

type Place = {
  readonly name: string;
  /** Of its keys. */
  readonly prefix: string;
  readonly config: CtlConfig;
  readonly line: OperatorLine;
};

/** A write is sent once: one that was not answered may have been made. */
const WRITE_LIMIT = millis(10_000);

/** A cluster, its groups, and the connections to their keys until `close`. */
export class OpenClusters {
  readonly #place: Place;
  readonly #stores: OperatorStore[] = [];
  #agents: AgentApi | null = null;

  constructor(place: Place) {
    this.#place = place;
  }

  open(grouping: Grouping): Cluster {
    const { name, prefix, config, line } = this.#place;
    const store = line.openStore(config.store, groupPrefix(prefix, grouping));
    this.#stores.push(store);
    return {
      name,
      grouping,
      inGroup: (group) => this.open({ kind: 'one', group }),
      async view() {
        const read = await readCluster(store, line, grouping);
        return read.kind === 'view' ? read.view : stop(`Can not read cluster ${name}: ${read.why}`);
      },
      glance: () => glanceAtCluster(store, grouping),
      silentEndpoints: () => this.#silentEndpoints(grouping),
      write: (write) => store.write(write, WRITE_LIMIT),
      removeEverything: () => store.removeEverything(WRITE_LIMIT),
      call: (member, call, limit) => this.#call(member, call, limit),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
  }

  async #silentEndpoints(grouping: Grouping): ReturnType<Cluster['silentEndpoints']> {
    const { prefix, config, line } = this.#place;
    const asked = config.store.endpoints.map(async (endpoint) => {
      // As if it were a proxy: else the others, which it names, would answer for it.
      const alone = { ...config.store, endpoints: [endpoint], useProxies: true };
      const store = line.openStore(alone, groupPrefix(prefix, grouping));
      this.#stores.push(store);
      const read = await glanceAtCluster(store, grouping);
      return read.kind === 'failed' ? [{ endpoint, why: read.why }] : [];
    });
    return (await Promise.all(asked)).flat();
  }

  #call({ apiUrl }: Member, call: Omit<AgentCall, 'apiUrl'>, limit: Millis): Promise<AgentReply> {
    const { config, line } = this.#place;
    if (typeof config.access === 'string') return unanswered(`the configuration cannot be used: ${config.access}`);
    if (apiUrl === null) return unanswered('it published no api_url');
    this.#agents ??= line.openAgents(config.access);
    return this.#agents.call({ apiUrl, ...call }, limit);
  }
}

function unanswered(reason: string): Promise<AgentReply> {
  return Promise.resolve({ kind: 'no-answer', reason });
}
