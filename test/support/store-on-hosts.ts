import { z } from 'zod';
import { run } from './command.ts';
import type { Hosts, Started } from './hosts.ts';
import { signal } from './namespace-processes.ts';
import { until } from './wait.ts';

/** One etcd member per host, with its files on disk (fsync on) and its default election timing. It dies with its host. */
export class StoreOnHosts {
  readonly #hosts: Hosts;
  readonly #names: readonly string[];
  readonly #members = new Map<string, Started>();

  constructor(hosts: Hosts, names: readonly string[]) {
    this.#hosts = hosts;
    this.#names = names;
  }

  async start(): Promise<void> {
    for (const name of this.#names) this.startOn(name);
    await until('the store has a leader', { withinMs: 20_000 }, () => this.leader());
  }

  /** Also after its host was killed: the member goes on with the files that it had. */
  startOn(host: string): void {
    const ip = this.#hosts.addressOf(host);
    const member = this.#hosts.start(
      host,
      [
        'etcd',
        `--name=${host}`,
        `--data-dir=${this.#hosts.folderOf(host)}/etcd`,
        `--listen-client-urls=http://${ip}:2379,http://127.0.0.1:2379`,
        `--advertise-client-urls=http://${ip}:2379`,
        `--listen-peer-urls=http://${ip}:2380`,
        `--initial-advertise-peer-urls=http://${ip}:2380`,
        `--initial-cluster=${this.#names.map((name) => `${name}=http://${this.#hosts.addressOf(name)}:2380`).join(',')}`,
        '--initial-cluster-token=lab',
        '--heartbeat-interval=100',
        '--election-timeout=1000',
      ],
      { as: 'service', log: 'etcd' },
    );
    this.#members.set(host, member);
  }

  /** All members at once; their hosts go on. `start` brings them back with the files that they had. */
  async stop(): Promise<void> {
    for (const { pid } of this.#members.values()) signal(pid, 'SIGKILL');
    await Promise.all([...this.#members.values()].map(({ ended }) => ended));
  }

  /** `host:port` of every member, as agents are configured with them. */
  get endpoints(): readonly string[] {
    return this.#names.map((name) => `${this.#hosts.addressOf(name)}:2379`);
  }

  /** Run etcdctl from outside, against the members whose host is alive. */
  ctl(...args: readonly string[]): Promise<string> {
    return this.#ctlAt(
      this.#names.filter((name) => this.#hosts.isAlive(name)),
      args,
    );
  }

  #ctlAt(names: readonly string[], args: readonly string[]): Promise<string> {
    const endpoints = names.map((name) => `${this.#hosts.addressOf(name)}:2379`).join(',');
    const command = [
      'etcdctl',
      `--endpoints=${endpoints}`,
      '--command-timeout=3s',
      '--dial-timeout=1s',
      ...args,
    ] as const;
    return run(this.#hosts.inside('outside', ['env', 'ETCDCTL_API=3', ...command], 'root'));
  }

  /** The host whose member leads the store, as the members themselves say; `null` when none of them knows. */
  async leader(): Promise<string | null> {
    const statuses = await this.#statuses();
    return statuses.find(({ id, leader }) => id === leader)?.host ?? null;
  }

  /** Make the member on `host` the store's leader, now and proven. */
  async placeLeader(host: string): Promise<void> {
    await until(`the store is led from ${host}`, { withinMs: 20_000, everyMs: 300 }, async () => {
      const statuses = await this.#statuses();
      const wanted = statuses.find((status) => status.host === host);
      const leader = statuses.find(({ id, leader }) => id === leader);
      if (wanted === undefined || leader === undefined) return false;
      if (wanted.id === leader.id) return true;
      await this.#ctlAt([leader.host], ['move-leader', wanted.id.toString(16)]);
      return false;
    });
  }

  async revision(): Promise<bigint> {
    const statuses = await this.#statuses();
    const revisions = statuses.map(({ revision }) => revision);
    return revisions.reduce((a, b) => (a > b ? a : b), 0n);
  }

  async #statuses(): Promise<readonly MemberStatus[]> {
    const asked = this.#names.filter((name) => this.#hosts.isAlive(name));
    const answers = await Promise.all(asked.map((host) => this.#statusOf(host).catch(() => null)));
    return answers.filter((answer) => answer !== null);
  }

  async #statusOf(host: string): Promise<MemberStatus> {
    // Member ids are 64 bit wide: they stay text until they are bigint.
    const text = await this.#ctlAt([host], ['endpoint', 'status', '--write-out=json']);
    const quoted = text.replaceAll(/:(\d+)(?=[,}])/g, ':"$1"');
    const [status] = Status.parse(JSON.parse(quoted));
    if (status === undefined) throw new Error(`no status of ${host}`);
    const { header, leader } = status.Status;
    return { host, id: BigInt(header.member_id), leader: BigInt(leader), revision: BigInt(header.revision) };
  }
}

interface MemberStatus {
  readonly host: string;
  readonly id: bigint;
  readonly leader: bigint;
  readonly revision: bigint;
}

const Status = z.array(
  z.object({
    Status: z.object({
      header: z.object({ member_id: z.string(), revision: z.string() }),
      leader: z.string().default('0'),
    }),
  }),
);
