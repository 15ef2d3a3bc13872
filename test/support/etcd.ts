import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Certificates, makeCertificates } from './certificates.ts';
import { run } from './command.ts';
import { freePorts } from './free-port.ts';
import { until } from './wait.ts';

export type EtcdOptions = {
  readonly members: 1 | 3;
  /** `mutual`: https, and clients need a certificate. `misnamed`: the same, with a certificate for another address. */
  readonly tls?: 'mutual' | 'misnamed';
  readonly electionTimeoutMs?: number;
};

type Member = { readonly name: string; readonly clientPort: number; readonly peerPort: number };

/**
 * A real etcd on this machine: own processes, free ports, files with fsync in a folder of its own. Members are killed,
 * frozen and brought back one by one; `stop` removes everything.
 */
export class Etcd {
  readonly certificates: Certificates | null;
  readonly #folder: string;
  readonly #members: readonly Member[];
  readonly #electionTimeoutMs: number;
  readonly #running = new Map<string, ChildProcess>();
  readonly #killAll = (): void => {
    for (const child of this.#running.values()) child.kill('SIGKILL');
  };
  #login: readonly string[] = [];

  private constructor(folder: string, members: readonly Member[], options: EtcdOptions, tls: Certificates | null) {
    this.#folder = folder;
    this.#members = members;
    this.#electionTimeoutMs = options.electionTimeoutMs ?? 500;
    this.certificates = tls;
    // A test run that is cut short leaves no servers behind.
    process.once('exit', this.#killAll);
  }

  static async start(options: EtcdOptions): Promise<Etcd> {
    const folder = await mkdtemp(join(tmpdir(), 'matriarch-etcd-'));
    const ports = await freePorts(options.members * 2);
    const members = Array.from({ length: options.members }, (_, index) => ({
      name: `m${index + 1}`,
      clientPort: ports[index * 2]!,
      peerPort: ports[index * 2 + 1]!,
    }));
    const etcd = new Etcd(folder, members, options, await certificatesFor(folder, options));
    try {
      for (const { name } of members) etcd.#spawn(name);
      await etcd.healthy();
      return etcd;
    } catch (error) {
      await etcd.stop();
      throw error;
    }
  }

  get names(): readonly string[] {
    return this.#members.map(({ name }) => name);
  }

  /** `host:port` of every member, in the order of their names. */
  get endpoints(): readonly string[] {
    return this.#members.map(({ clientPort }) => `127.0.0.1:${clientPort}`);
  }

  endpointOf(name: string): string {
    return `127.0.0.1:${this.#member(name).clientPort}`;
  }

  /** The member's name, from the URL that a log shows. */
  nameAt(url: string): string | null {
    return this.#members.find(({ clientPort }) => url.endsWith(`:${clientPort}`))?.name ?? null;
  }

  /** SIGKILL, and wait until it is gone. */
  async kill(name: string): Promise<void> {
    const child = this.#process(name);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.#running.delete(name);
  }

  /** SIGSTOP, and wait until every thread has stopped: its sockets stay open, and nobody answers. */
  async freeze(name: string): Promise<void> {
    const child = this.#process(name);
    child.kill('SIGSTOP');
    const tasks = `/proc/${child.pid}/task`;
    await until(`${name} has stopped`, { withinMs: 5000, everyMs: 1 }, async () => {
      const stats = await Promise.all((await readdir(tasks)).map((task) => readFile(`${tasks}/${task}/stat`, 'utf8')));
      return stats.every((stat) => /\) T /.test(stat));
    });
  }

  thaw(name: string): void {
    this.#process(name).kill('SIGCONT');
  }

  /** Start a killed member again with the files that it had, and wait until it serves. */
  async revive(name: string): Promise<void> {
    this.#spawn(name);
    await this.healthy();
  }

  /** etcdctl, against every member that runs. */
  ctl(...args: readonly string[]): Promise<string> {
    return this.#ctlAt([...this.#running.keys()], [...this.#login, ...args]);
  }

  /** A user with read and write permission below `prefix`, and one called root; from now on etcd asks who calls. */
  async enableAuth(user: { readonly name: string; readonly password: string; readonly prefix: string }): Promise<void> {
    await this.ctl('role', 'add', 'cluster');
    await this.ctl('role', 'grant-permission', 'cluster', 'readwrite', user.prefix, '--prefix');
    await this.ctl('user', 'add', `${user.name}:${user.password}`);
    await this.ctl('user', 'grant-role', user.name, 'cluster');
    await this.ctl('user', 'add', 'root:root-secret');
    await this.ctl('user', 'grant-role', 'root', 'root');
    await this.ctl('auth', 'enable');
    this.#login = ['--user=root:root-secret'];
  }

  /** End the tokens that the user was given: setting a password does, also if it is the old one. */
  async voidTokens(user: { readonly name: string; readonly password: string }): Promise<void> {
    const passwd = ['user', 'passwd', user.name, '--interactive=false'];
    await this.#ctlAt([...this.#running.keys()], [...this.#login, ...passwd], `${user.password}\n`);
  }

  /** The name of the member that leads, as it says itself; `null` while there is none. */
  async leader(): Promise<string | null> {
    const statuses = await this.#statuses();
    return statuses.find(({ id, leader }) => id === leader)?.name ?? null;
  }

  /** Make `name` the leader, and wait until it says so. */
  async moveLeader(name: string): Promise<void> {
    await until(`${name} leads the store`, { withinMs: 20_000 }, async () => {
      const statuses = await this.#statuses();
      const leader = statuses.find(({ id, leader: led }) => id === led);
      const wanted = statuses.find((each) => each.name === name);
      if (leader === undefined || wanted === undefined) return false;
      if (leader.name === name) return true;
      await this.#ctlAt([leader.name], [...this.#login, 'move-leader', wanted.id.toString(16)]);
      return false;
    });
  }

  /** Wait until every member that runs answers, with the consent of a quorum. */
  async healthy(): Promise<void> {
    await until('every member of etcd is healthy', { withinMs: 30_000, everyMs: 100 }, async () => {
      await this.ctl('endpoint', 'health');
      return true;
    });
  }

  async stop(): Promise<void> {
    process.removeListener('exit', this.#killAll);
    await Promise.all([...this.#running.keys()].map((name) => this.kill(name)));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(name: string): void {
    const { clientPort, peerPort } = this.#member(name);
    const client = `${this.#protocol}://127.0.0.1:${clientPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    const log = openSync(join(this.#folder, `${name}.log`), 'a');
    const child = spawn(
      'etcd',
      [
        `--name=${name}`,
        `--data-dir=${join(this.#folder, name)}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=${this.#members.map((each) => `${each.name}=http://127.0.0.1:${each.peerPort}`).join(',')}`,
        `--heartbeat-interval=${Math.round(this.#electionTimeoutMs / 10)}`,
        `--election-timeout=${this.#electionTimeoutMs}`,
        ...serverTlsArguments(this.certificates),
      ],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
    this.#running.set(name, child);
  }

  #ctlAt(names: readonly string[], args: readonly string[], input = ''): Promise<string> {
    // By name: etcdctl is to reach also a member whose certificate is for another address.
    const endpoints = names.map((name) => `${this.#protocol}://localhost:${this.#member(name).clientPort}`).join(',');
    const command = ['etcdctl', `--endpoints=${endpoints}`, '--command-timeout=3s', '--dial-timeout=1s'];
    return run(['env', 'ETCDCTL_API=3', ...command, ...clientTlsArguments(this.certificates), ...args], { input });
  }

  async #statuses(): Promise<readonly MemberStatus[]> {
    const answers = await Promise.all([...this.#running.keys()].map((name) => this.#statusOf(name).catch(() => null)));
    return answers.filter((answer) => answer !== null);
  }

  async #statusOf(name: string): Promise<MemberStatus> {
    // Member ids are 64 bit wide: they stay text until they are bigint.
    const text = await this.#ctlAt([name], [...this.#login, 'endpoint', 'status', '--write-out=json']);
    const [first] = Status.parse(JSON.parse(text.replaceAll(/:(\d+)(?=[,}])/g, ':"$1"')));
    if (first === undefined) throw new Error(`no status of ${name}`);
    return { name, id: BigInt(first.Status.header.member_id), leader: BigInt(first.Status.leader) };
  }

  get #protocol(): 'http' | 'https' {
    return this.certificates === null ? 'http' : 'https';
  }

  #member(name: string): Member {
    const member = this.#members.find((each) => each.name === name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return member;
  }

  #process(name: string): ChildProcess {
    const child = this.#running.get(name);
    if (child === undefined) throw new Error(`member ${name} does not run`);
    return child;
  }
}

function certificatesFor(folder: string, { tls }: EtcdOptions): Promise<Certificates | null> {
  if (tls === undefined) return Promise.resolve(null);
  return makeCertificates(folder, { serverAddress: tls === 'misnamed' ? '127.0.0.2' : '127.0.0.1' });
}

type MemberStatus = { readonly name: string; readonly id: bigint; readonly leader: bigint };

const Status = z.array(
  z.object({
    Status: z.object({ header: z.object({ member_id: z.string() }), leader: z.string().default('0') }),
  }),
);

function serverTlsArguments(tls: Certificates | null): readonly string[] {
  if (tls === null) return [];
  const files = [`--trusted-ca-file=${tls.caFile}`, `--cert-file=${tls.serverCertFile}`];
  return [...files, `--key-file=${tls.serverKeyFile}`, '--client-cert-auth'];
}

function clientTlsArguments(tls: Certificates | null): readonly string[] {
  if (tls === null) return [];
  return [`--cacert=${tls.caFile}`, `--cert=${tls.clientCertFile}`, `--key=${tls.clientKeyFile}`];
}
