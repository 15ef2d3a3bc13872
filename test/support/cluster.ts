import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentKind, agentUnderTest } from './agents.ts';
import { adminPath } from './command.ts';
import { Courier } from './courier.ts';
import { Hosts, type Started } from './hosts.ts';
import { commandLineOf, signal } from './namespace-processes.ts';
import { nodeFile, postgresBinaries, type Timings, users } from './node-file.ts';
import { StoreOnHosts } from './store-on-hosts.ts';
import { until } from './wait.ts';

/** A cluster on hosts: a store member, an agent and its PostgreSQL on each, and what a scenario does to them. */
export class Cluster {
  readonly hosts: Hosts;
  readonly store: StoreOnHosts;
  readonly courier: Courier;
  readonly agent: AgentKind;
  readonly names: readonly string[];
  readonly #shape: Shape;
  readonly #agents = new Map<string, Started>();

  private constructor(hosts: Hosts, agent: AgentKind, shape: Shape) {
    this.hosts = hosts;
    this.agent = agent;
    this.#shape = shape;
    this.names = shape.names;
    this.store = new StoreOnHosts(hosts, shape.names);
    this.courier = new Courier(hosts);
  }

  /** Hosts and a store with a leader; no agent is started yet. `end` it, whatever happens. */
  static async prepare(wanted: Partial<Shape> = {}): Promise<Cluster> {
    const shape: Shape = { ...defaultShape, ...wanted };
    const hosts = await Hosts.build(shape.names);
    try {
      const agent = await (shape.agent ?? agentUnderTest)(hosts.folder);
      const cluster = new Cluster(hosts, agent, shape);
      await cluster.store.start();
      return cluster;
    } catch (error) {
      await hosts.remove();
      throw error;
    }
  }

  /** The same, and the agents have made a healthy cluster of it. */
  static async start(wanted: Partial<Shape> = {}): Promise<Cluster> {
    const cluster = await Cluster.prepare(wanted);
    try {
      for (const name of cluster.names) cluster.startAgent(name);
      await cluster.untilHealthy();
      return cluster;
    } catch (error) {
      const logs = cluster.endsOfLogs();
      await cluster.end();
      throw new Error(`${String(error)}\n${logs}`, { cause: error });
    }
  }

  /** What every key of the cluster begins with. */
  get keyPrefix(): string {
    return `${this.#shape.namespace}${this.#shape.scope}/`;
  }

  get timings(): Timings {
    return this.#shape.timings ?? this.agent.fastest;
  }

  startAgent(name: string): void {
    const folder = this.hosts.folderOf(name);
    const configFile = join(folder, 'patroni.yml');
    writeFileSync(configFile, this.#shape.nodeFile(this.nodeOf(name)), { mode: 0o644 });
    const env = { ...this.agent.env, PATH: `${adminPath()}:${postgresBinaries()}` };
    this.#agents.set(
      name,
      this.hosts.start(name, this.agent.command(configFile, this.traceOf(name)), { as: 'service', log: 'agent', env }),
    );
  }

  /** What a node's file is made from. */
  nodeOf(name: string): Parameters<typeof nodeFile>[0] {
    return {
      scope: this.#shape.scope,
      name,
      ip: this.hosts.addressOf(name),
      folder: this.hosts.folderOf(name),
      storeEndpoints: this.store.endpoints,
      timings: this.timings,
      dynamic: this.#shape.dynamic,
      parameters: this.#shape.parameters,
    };
  }

  /** Where the agent's trace is, and beside it those of heartbeat and guardian; `null`: none are left. */
  traceOf(name: string): string | null {
    const leavesTraces = this.#shape.traces === 'left' && this.agent.name === 'matriarch';
    return leavesTraces ? join(this.hosts.folderOf(name), 'trace') : null;
  }

  /** The agent's own process: signals go to it alone. */
  agentOf(name: string): Started {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw new Error(`no agent was started on ${name}`);
    return agent;
  }

  /** The guardian beside the agent; `null` where there is none (the other product has none). */
  async guardianOf(name: string): Promise<number | null> {
    for (const pid of await this.hosts.processesOn(name)) {
      if (/\bguardian\b/.test((await commandLineOf(pid)) ?? '')) return pid;
    }
    return null;
  }

  /** As the data directory's own file says; it may be dead already. */
  postmasterOf(name: string): number {
    const [pid] = readFileSync(join(this.dataOf(name), 'postmaster.pid'), 'utf8').split('\n');
    return Number(pid);
  }

  dataOf(name: string): string {
    return join(this.hosts.folderOf(name), 'data');
  }

  /** Postmaster and all its children, not the agent's side. */
  async postgresOf(name: string): Promise<readonly number[]> {
    const pids = await this.hosts.processesOn(name);
    const lines = await Promise.all(pids.map((pid) => commandLineOf(pid)));
    return pids.filter((_, index) => /(^|\/)postgres(:| )/.test(lines[index] ?? ''));
  }

  /** Power loss: agent, guardian, PostgreSQL and store member at once. */
  killHost(name: string): Promise<void> {
    return this.hosts.kill(name);
  }

  /** Power is back: store member and agent start as a boot would start them. */
  async reviveHost(name: string): Promise<void> {
    await this.hosts.revive(name);
    this.store.startOn(name);
    this.startAgent(name);
  }

  killPostmaster(name: string): void {
    signal(this.postmasterOf(name), 'SIGKILL');
  }

  async killPostgres(name: string): Promise<void> {
    for (const pid of await this.postgresOf(name)) signal(pid, 'SIGKILL');
  }

  sql(name: string, text: string, options?: { limitMs?: number }): Promise<readonly (readonly unknown[])[]> {
    return this.sqlAt({ host: this.hosts.addressOf(name), port: 5432 }, text, options);
  }

  /** At any address: a proxy's, for instance. */
  sqlAt(
    address: { readonly host: string; readonly port: number },
    text: string,
    options?: { limitMs?: number },
  ): Promise<readonly (readonly unknown[])[]> {
    return this.courier.sql({ ...address, password: this.#shape.superuserPassword }, text, options);
  }

  http(
    name: string,
    path: string,
    options?: { method?: string; body?: string; limitMs?: number },
  ): Promise<{ readonly status: number; readonly text: string }> {
    return this.courier.http(`http://${this.hosts.addressOf(name)}:8008${path}`, options);
  }

  /** Who accepts writes, as PostgreSQL itself says; sorted. A node that does not answer is not in it. */
  async primaries(): Promise<readonly string[]> {
    const asked = this.names.filter((name) => this.hosts.isAlive(name));
    const answers = await Promise.all(
      asked.map((name) => this.sql(name, 'SELECT pg_is_in_recovery()', { limitMs: 700 }).catch(() => [[null]])),
    );
    return asked.filter((_, index) => answers[index]?.[0]?.[0] === false);
  }

  /** The one node that accepts writes. */
  untilPrimary({ withinMs = 60_000, other }: { withinMs?: number; other?: string } = {}): Promise<string> {
    const what = other === undefined ? 'one primary' : `one primary other than ${other}`;
    return until(what, { withinMs }, async () => {
      const [first, ...more] = await this.primaries();
      return first !== undefined && more.length === 0 && first !== other ? first : null;
    });
  }

  /** As the replica itself says: a base backup under way also shows as streaming, but only at the other end. */
  async isStreamingFrom(name: string, primary: string): Promise<boolean> {
    const text = `SELECT sender_host FROM pg_stat_wal_receiver WHERE status = 'streaming' AND pg_is_in_recovery()`;
    const [[sender] = []] = await this.sql(name, text).catch(() => []);
    return sender === this.hosts.addressOf(primary);
  }

  /**
   * One primary, holding the lock, and every other living member streams from it.
   * @returns the primary's name.
   */
  untilHealthy({ withinMs = 90_000 }: { withinMs?: number } = {}): Promise<string> {
    return until('one primary with the lock and all others streaming', { withinMs, everyMs: 150 }, async () => {
      const [primary, ...more] = await this.primaries();
      if (primary === undefined || more.length > 0 || (await this.lockHolder()) !== primary) return null;
      const replicas = this.names.filter((name) => this.hosts.isAlive(name) && name !== primary);
      const streaming = await Promise.all(replicas.map((name) => this.isStreamingFrom(name, primary)));
      return streaming.every(Boolean) ? primary : null;
    });
  }

  /** Value of a key below the cluster's prefix; `null` when it is absent. */
  async key(name: string): Promise<string | null> {
    const text = await this.store.ctl('get', `${this.keyPrefix}${name}`, '--print-value-only');
    return text === '' ? null : text.replace(/\n$/, '');
  }

  lockHolder(): Promise<string | null> {
    return this.key('leader');
  }

  /** The end of what each agent has printed: with a failure, because nobody can look it up afterwards. */
  endsOfLogs(): string {
    return [...this.#agents]
      .map(([name, { logFile }]) => {
        const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
        return `--- ${name}, the end of its agent's log\n${lines.slice(-40).join('\n')}`;
      })
      .join('\n');
  }

  /** Nothing stays: no process, no namespace, no file (unless MATRIARCH_TEST_KEEP is set, to look at logs). */
  async end(): Promise<void> {
    await this.#stopPostgres().catch(() => {}); // What is left is killed with its host.
    await this.hosts.remove({ keepFiles: process.env['MATRIARCH_TEST_KEEP'] !== undefined });
  }

  /** A killed postmaster leaves its shared memory to the machine; one that is told to quit gives it back. */
  async #stopPostgres(): Promise<void> {
    const alive = this.names.filter((name) => this.hosts.isAlive(name) && this.#agents.has(name));
    for (const name of alive) {
      const guardian = await this.guardianOf(name);
      for (const pid of [this.agentOf(name).pid, ...(guardian === null ? [] : [guardian])]) signal(pid, 'SIGKILL');
    }
    for (const name of alive) {
      const running = await this.postgresOf(name);
      const postmaster = running.find((pid) => pid === this.postmasterOf(name));
      if (postmaster !== undefined) signal(postmaster, 'SIGQUIT');
    }
    await until('PostgreSQL has quit', { withinMs: 5000 }, async () => {
      const left = await Promise.all(alive.map((name) => this.postgresOf(name)));
      return left.every((pids) => pids.length === 0);
    });
  }
}

interface Shape {
  /** Begins and ends with `/`. */
  readonly namespace: string;
  readonly scope: string;
  readonly names: readonly string[];
  /** `null`: the fastest that the agent works with. */
  readonly timings: Timings | null;
  /** More for the dynamic configuration that the bootstrap writes. */
  readonly dynamic: Readonly<Record<string, unknown>>;
  /** More for every node's own `postgresql.parameters`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly agent: ((folder: string) => Promise<AgentKind>) | null;
  /** Text of a node's configuration file; what else is said here must agree with it. */
  readonly nodeFile: (node: Parameters<typeof nodeFile>[0]) => string;
  readonly superuserPassword: string;
  /** `none`: where it is measured what the agent costs. */
  readonly traces: 'left' | 'none';
}

const defaultShape: Shape = {
  namespace: '/service/',
  scope: 'lab',
  names: ['n1', 'n2', 'n3'],
  timings: null,
  dynamic: {},
  parameters: {},
  agent: null,
  nodeFile,
  superuserPassword: users.superuser.password,
  traces: 'left',
};
