import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentKind, matriarch } from './agents.ts';
import { freePorts } from './free-port.ts';
import { nodeFile, postgresBinaries } from './node-file.ts';
import { ordinaryUser } from './ordinary-user.ts';
import { until } from './wait.ts';

/**
 * Agents on this machine's own address, each started by hand as an ordinary user: for what goes wrong before there is a
 * cluster. Needs root, since the wrong owners, modes and full disks of such a day are root's to make.
 */
export class LoneAgents {
  readonly folder: string;
  readonly #agent: AgentKind;
  readonly #runs: LoneRun[] = [];

  private constructor(folder: string, agent: AgentKind) {
    this.folder = folder;
    this.#agent = agent;
  }

  static async prepare(): Promise<LoneAgents> {
    if (process.getuid?.() !== 0) throw new Error('these tests give files to other users: run them as root');
    const folder = mkdtempSync(join(tmpdir(), 'matriarch-lone-'));
    chmodSync(folder, 0o755);
    return new LoneAgents(folder, await matriarch(folder));
  }

  /** A member with a folder and ports of its own, and a file that works as it is. */
  async member(name: string, store: readonly string[], scope = 'lone'): Promise<LoneMember> {
    const folder = mkdtempSync(join(this.folder, `${name}-`));
    giveToUser(folder);
    const [postgresPort = 0, apiPort = 0] = await freePorts(2);
    const timings = this.#agent.fastest;
    const node = { scope, name, ip: '127.0.0.1', folder, storeEndpoints: store, timings, dynamic: {}, parameters: {} };
    const text = nodeFile(node)
      // Else initdb trusts whoever comes from this machine.
      .replace(/( *)- data-checksums/, '$&\n$1- auth-host: scram-sha-256')
      .replace('listen: 127.0.0.1,127.0.0.1:5432', `listen: 127.0.0.1:${postgresPort}`)
      .replaceAll('127.0.0.1:5432', `127.0.0.1:${postgresPort}`)
      .replaceAll('127.0.0.1:8008', `127.0.0.1:${apiPort}`);
    const file = join(folder, 'node.yml');
    writeFileSync(file, text);
    return { name, folder, file, text, dataDir: join(folder, 'data'), postgresPort, apiPort };
  }

  /** Start the agent on the member's file, whatever it holds by now. */
  start(member: Pick<LoneMember, 'folder' | 'file'>, options: StartOptions = {}): LoneRun {
    const log = openSync(join(member.folder, 'agent.log'), 'w', 0o644);
    const [program, ...args] = this.#agent.command(member.file, null);
    const child = spawn(program, args, {
      ...(options.as === 'root' ? {} : ordinaryUser()),
      cwd: '/',
      env: {
        ...this.#agent.env,
        PATH: options.path ?? '/usr/bin:/bin',
        LC_ALL: 'C.UTF-8',
        MATRIARCH_RUNTIME_DIR: join(member.folder, 'run'),
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const run = new LoneRun(child, join(member.folder, 'agent.log'));
    this.#runs.push(run);
    return run;
  }

  /** Every agent hands over and ends, with its PostgreSQL; no file stays. */
  async end(): Promise<void> {
    await Promise.all(this.#runs.map((run) => run.stop()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One start of an agent, and what it said. */
export class LoneRun {
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #ended: Promise<number | NodeJS.Signals>;

  constructor(child: ChildProcess, logFile: string) {
    this.#child = child;
    this.#logFile = logFile;
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
    });
  }

  /** All that it and its PostgreSQL have printed. */
  get text(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How many lines of it tell this event. */
  count(event: string): number {
    return this.text.split('\n').filter((line) => line.includes(` ${event} `)).length;
  }

  /** @returns the exit status. @throws when it goes on, with what it said. */
  async status(): Promise<number | NodeJS.Signals> {
    await until('the agent ends', { withinMs: 30_000 }, () => !this.isRunning).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.text}`);
    });
    return this.#ended;
  }

  /** @throws with what it said instead. */
  async says(words: string | RegExp): Promise<void> {
    const isSaid = (): boolean => (typeof words === 'string' ? this.text.includes(words) : words.test(this.text));
    await until(`the agent says ${String(words)}`, { withinMs: 60_000 }, isSaid).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.text}`);
    });
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    await this.status().catch(() => this.#child.kill('SIGKILL'));
  }
}

export interface LoneMember {
  readonly name: string;
  readonly folder: string;
  readonly file: string;
  /** What the file holds at first. */
  readonly text: string;
  readonly dataDir: string;
  readonly postgresPort: number;
  readonly apiPort: number;
}

interface StartOptions {
  readonly as?: 'root' | 'ordinary user';
  readonly path?: string;
}

export function giveToUser(path: string): void {
  const { uid, gid } = ordinaryUser();
  chownSync(path, uid, gid);
}

/** A real data directory of a cluster that nobody else knows. */
export async function initialize(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { mode: 0o700 });
  giveToUser(dataDir);
  const child = spawn(join(postgresBinaries(), 'initdb'), ['--no-sync', '--username=postgres', dataDir], {
    ...ordinaryUser(),
    cwd: '/',
    stdio: 'ignore',
  });
  const status = await new Promise((resolve) => child.once('exit', resolve));
  if (status !== 0) throw new Error(`initdb: exit ${String(status)}`);
}
