import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, findPostgres } from './find-programs.ts';
import { freePorts } from './free-ports.ts';
import { LogTail } from './log-tail.ts';
import { type NodeOnMachine, nodeFile } from './node-file.ts';
import { killAllOf, processesOf, sendSignal } from './node-processes.ts';
import { readableProgram } from './readable-program.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** A store and three nodes on this machine's loopback, in one temporary folder. `remove` it, whatever happens. */
export class Playground {
  readonly nodes: readonly Node[];
  readonly #world: World;
  readonly #folder: string;
  readonly #program: World['program'];
  readonly #store: { readonly program: string; readonly port: number; readonly peerPort: number };

  private constructor(world: World, folder: string, found: Found) {
    this.#world = world;
    this.#folder = folder;
    this.#program = readableProgram(world, folder);
    const [storePort = 0, peerPort = 0, ...ports] = found.ports;
    this.#store = { program: found.etcd, port: storePort, peerPort };
    this.nodes = names.map((name, index) => {
      const node = {
        name,
        folder: join(folder, name),
        apiPort: ports[2 * index] ?? 0,
        postgresPort: ports[2 * index + 1] ?? 0,
        storePort,
        postgresBinaries: found.postgres,
      };
      this.#makeFolder(node.folder);
      const configFile = join(node.folder, 'patroni.yml');
      writeFileSync(configFile, nodeFile(node), { mode: 0o644 });
      const logFile = join(node.folder, 'agent.log');
      writeFileSync(logFile, '');
      return { ...node, configFile, logFile, log: new LogTail(logFile) };
    });
  }

  /** @throws when PostgreSQL or etcd is not installed. */
  static async lay(world: World, path: string): Promise<Playground> {
    const postgres = findPostgres(path);
    const etcd = findOnPath('etcd', path);
    if (postgres === null || etcd === null) {
      throw new Error(`${postgres === null ? 'PostgreSQL' : 'etcd'} is not installed: ./run setup brings it`);
    }
    const ports = await freePorts(2 + 2 * names.length);
    const folder = mkdtempSync(join(tmpdir(), 'matriarch-demo-'));
    chmodSync(folder, 0o755);
    try {
      return new Playground(world, folder, { postgres, etcd, ports });
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  startStore(): void {
    const { program, port, peerPort } = this.#store;
    const folder = join(this.#folder, 'store');
    this.#makeFolder(folder);
    const client = `http://127.0.0.1:${port}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.#start(folder, join(folder, 'etcd.log'), [
      program,
      `--data-dir=${join(folder, 'data')}`,
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
    ]);
  }

  startNode(node: Node): void {
    const { node: executable, script } = this.#program;
    this.#start(node.folder, node.logFile, [executable, ...smallHeap, script, 'agent', node.configFile]);
  }

  /** Agent, guardian and PostgreSQL at once. */
  async killNode(node: Node): Promise<void> {
    await killAllOf(node.folder, this.#world);
  }

  /** What another command of this program prints, asked with the configuration of the first node. */
  ask(...args: readonly string[]): Promise<string> {
    const [first] = this.nodes;
    const options = { timeout: 10_000, env: process.env };
    const command = [this.#program.script, ...(first === undefined ? [] : ['-c', first.configFile]), ...args];
    return new Promise((resolve, reject) => {
      execFile(this.#program.node, command, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${args.join(' ')}: ${stderr}`, { cause: error }));
      });
    });
  }

  /** Nothing stays. Agents stop their PostgreSQL in order (which gives its shared memory back); who dawdles is killed. */
  async remove(): Promise<void> {
    const uninterrupted = { ...this.#world, interruption: () => null };
    for (const { folder } of this.nodes) for (const pid of processesOf(folder)) sendSignal(pid, 'SIGTERM');
    await until(uninterrupted, { what: 'the nodes have stopped', withinMs: 10_000 }, () => {
      const left = this.nodes.flatMap(({ folder }) => processesOf(folder));
      return Promise.resolve(left.length === 0 ? left : null);
    }).catch(() => {});
    await killAllOf(this.#folder, uninterrupted);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #start(cwd: string, logFile: string, [program = '', ...args]: readonly string[]): ChildProcess {
    const log = openSync(logFile, 'a');
    const { user } = this.#world;
    const identity = user === null ? {} : { uid: user.uid, gid: user.gid };
    // A group of its own: Ctrl-C in the terminal reaches us, and we say who stops when.
    const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', log, log], ...identity });
    child.on('error', (error) => this.#world.print(`${program}: ${error.message}`));
    closeSync(log);
    return child;
  }

  #makeFolder(folder: string): void {
    mkdirSync(folder, { mode: 0o700 });
    if (this.#world.user !== null) chownSync(folder, this.#world.user.uid, this.#world.user.gid);
  }
}

export interface Node extends NodeOnMachine {
  readonly configFile: string;
  readonly logFile: string;
  readonly log: LogTail;
}

interface Found {
  readonly postgres: string;
  readonly etcd: string;
  readonly ports: readonly number[];
}

const names = ['node1', 'node2', 'node3'] as const;
/** Bounds the heap as bin/matriarch does for what runs for months. */
const smallHeap = ['--max-semi-space-size=1', '--max-old-space-size=192'];
