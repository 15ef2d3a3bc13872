import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeCondition } from '../model/node-condition.ts';
import { type NodeName, nodeNames } from '../names.ts';
import { Network } from '../network/network.ts';
import { until } from '../until.ts';
import type { World } from '../world.ts';
import { commandLineFile } from './command-line-file.ts';
import { findPrograms } from './find-programs.ts';
import { freePorts } from './free-ports.ts';
import { killAll } from './kill-all.ts';
import { layNode, type NodeOnStage, PORTS_PER_NODE, portsAt, wiresOf } from './layout.ts';
import { ourProcesses, type Programs, signalOurs, type Where } from './our-processes.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { readableProgram } from './readable-program.ts';
import type { SegmentLedger } from './shared-memory.ts';
import {
  assertReachable,
  claimStateDirectory,
  keepStateDirectory,
  removeStateDirectory,
  segmentLedger,
  writeSession,
} from './state-directory.ts';
import { storeCommand } from './store-command.ts';

/**
 * A store and three nodes, real processes on this machine's loopback, with all that they have in one folder and a
 * network between them that can be cut. `close` it, whatever happens.
 */
export class Stage {
  readonly folder: string;
  readonly leftover: 'fresh' | 'cleared';
  readonly nodes: readonly NodeOnStage[];
  readonly storePort: number;
  /** For other commands of this program: `-c FILE`. */
  readonly commandLineFile: string;
  readonly #world: World;
  readonly #onTrouble: (text: string) => void;
  readonly #program: World['program'];
  readonly #programs: Programs;
  readonly #peerPort: number;
  readonly #segments: SegmentLedger;
  readonly #agents = new Map<NodeName, ChildProcess>();
  readonly #frozen = new Set<NodeName>();
  #network: Network | null = null;

  private constructor(world: World, found: Found) {
    const { folder, leftover, programs, ports, onTrouble } = found;
    this.#onTrouble = onTrouble;
    this.folder = folder;
    this.leftover = leftover;
    this.#world = world;
    this.#segments = segmentLedger(folder);
    this.#program = readableProgram(world, folder);
    this.#programs = { ...programs, node: this.#program.node };
    writeSession(folder, this.#programs);
    const [storePort = 0, peerPort = 0, ...portsOfNodes] = ports;
    this.storePort = storePort;
    this.#peerPort = peerPort;
    this.commandLineFile = join(folder, 'cli.yml');
    writeFileSync(this.commandLineFile, commandLineFile(storePort), { mode: 0o644 });
    this.#makeFolder(this.#storeFolder);
    this.#makeFolder(this.#runtimeFolder);
    this.nodes = nodeNames.map((name, index) => {
      this.#makeFolder(join(folder, name));
      return layNode({ name, folder: join(folder, name), ports: portsAt(portsOfNodes, index), programs });
    });
  }

  /** @throws when PostgreSQL or etcd is not installed, or the folder is not to be had. */
  static async open(world: World, options: StageOptions): Promise<Stage> {
    const { folder, onTrouble } = options;
    const programs = { ...findPrograms(options.searchPath), node: world.program.node };
    const leftover = await claimStateDirectory(folder, { world, programs });
    try {
      assertReachable(folder, world.user);
      const ports = await freePorts(2 + PORTS_PER_NODE * nodeNames.length);
      const stage = new Stage(world, { folder, leftover, programs, ports, onTrouble });
      await stage.#openNetwork();
      return stage;
    } catch (error) {
      removeStateDirectory(folder);
      throw error;
    }
  }

  startAll(): void {
    const { etcd } = this.#programs;
    const command = storeCommand({ etcd, folder: this.#storeFolder, port: this.storePort, peerPort: this.#peerPort });
    this.#start({ folder: this.#storeFolder, logFile: join(this.#storeFolder, 'etcd.log') }, command);
    for (const { name } of this.nodes) this.startNode(name);
  }

  startNode(name: NodeName): void {
    const node = this.#nodeOf(name);
    const { node: executable, script } = this.#program;
    this.#agents.set(name, this.#start(node, [executable, ...smallHeap, script, 'agent', node.configFile]));
  }

  /** Agent, guardian and PostgreSQL at once, with the shared memory: what a crash of a machine leaves is files. */
  async killNode(name: NodeName): Promise<void> {
    const { folder, dataDirectory } = this.#nodeOf(name);
    this.#segments.note(dataDirectory);
    await killAll(this.#in(folder), this.#world);
    // Gone from the machine, and not yet from our books: who asks right now is told that it runs.
    const agent = this.#agents.get(name);
    if (agent !== undefined && isRunning(agent)) await once(agent, 'exit');
    this.#network?.lose(name);
    this.#segments.sweep();
    this.#frozen.delete(name);
  }

  /** All of PostgreSQL's processes; the agent, which sees to the rest, may start new ones at once. */
  killPostgres(name: NodeName): void {
    const { dataDirectory } = this.#nodeOf(name);
    this.#segments.note(dataDirectory);
    signalOurs('SIGKILL', this.#in(dataDirectory), ({ kind }) => kind === 'server');
  }

  /** The agent alone; guardian and PostgreSQL go on. */
  freeze(name: NodeName): void {
    const agent = this.#agents.get(name);
    if (agent === undefined || !isRunning(agent)) return;
    agent.kill('SIGSTOP');
    this.#frozen.add(name);
  }

  thaw(name: NodeName): void {
    if (this.#frozen.delete(name)) this.#agents.get(name)?.kill('SIGCONT');
  }

  cut(name: NodeName): void {
    this.#network?.cut(name);
  }

  mend(name: NodeName): void {
    this.#network?.mend(name);
  }

  conditionOf(name: NodeName): NodeCondition {
    const agent = this.#agents.get(name);
    const isUp = agent !== undefined && isRunning(agent);
    return {
      agent: isUp ? (this.#frozen.has(name) ? 'frozen' : 'running') : 'gone',
      network: this.#network?.isCut(name) === true ? 'cut' : 'whole',
    };
  }

  /** What has to follow the processes: relays, and the list of shared memory. To be called some times in a second. */
  async attend(): Promise<void> {
    this.#noteSegments();
    await this.#network?.attend();
  }

  /**
   * Nothing stays but, if asked for, the files. Agents and guardians go first, since they would start again, or fence,
   * what stops; servers then end by themselves, which gives their shared memory back.
   * @returns where the files are, if they were kept.
   */
  async close(files: 'remove' | 'keep'): Promise<string | null> {
    const world = { ...this.#world, interruption: () => null };
    const all = this.#in(this.folder);
    await killAll(all, world, ({ kind }) => kind !== 'server' && kind !== 'store');
    this.#noteSegments();
    const postmasters = this.nodes.map(({ dataDirectory }) => readPostmasterFile(dataDirectory)?.pid);
    signalOurs(files === 'keep' ? 'SIGINT' : 'SIGQUIT', all, ({ pid }) => postmasters.includes(pid));
    await until(world, { what: 'the servers have stopped', withinMs: 5_000, everyMs: 50 }, () =>
      Promise.resolve(ourProcesses(all).some(({ kind }) => kind === 'server') ? null : true),
    ).catch(() => {}); // Who dawdles is killed.
    await killAll(all, world);
    this.#segments.sweep();
    await this.#network?.close();
    if (files === 'keep') return keepStateDirectory(this.folder, this.#world.wallNow());
    removeStateDirectory(this.folder);
    return null;
  }

  async #openNetwork(): Promise<void> {
    const wires = this.nodes.map((node) => wiresOf(node, this.storePort));
    this.#network = await Network.open(wires, () =>
      this.nodes.flatMap(({ name, folder }) => ourProcesses(this.#in(folder)).map(({ pid }) => ({ node: name, pid }))),
    );
  }

  #start(
    { folder, logFile }: { readonly folder: string; readonly logFile: string },
    [program = '', ...args]: readonly string[],
  ): ChildProcess {
    const log = openSync(logFile, 'a');
    const { user } = this.#world;
    const identity = user === null ? {} : { uid: user.uid, gid: user.gid };
    const env = { ...withoutOtherConfiguration(process.env), MATRIARCH_RUNTIME_DIR: this.#runtimeFolder };
    // A group of its own: Ctrl-C in the terminal reaches us, and we say who stops when.
    const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', log, log], ...identity });
    child.on('error', (error) => this.#onTrouble(`${program}: ${error.message}`));
    closeSync(log);
    return child;
  }

  #noteSegments(): void {
    for (const { dataDirectory } of this.nodes) this.#segments.note(dataDirectory);
  }

  #makeFolder(folder: string): void {
    mkdirSync(folder, { mode: 0o700 });
    if (this.#world.user !== null) chownSync(folder, this.#world.user.uid, this.#world.user.gid);
  }

  #nodeOf(name: NodeName): NodeOnStage {
    const node = this.nodes.find((each) => each.name === name);
    if (node === undefined) throw new Error(`no such node: ${name}`);
    return node;
  }

  #in(folder: string): Where {
    return { folder, programs: this.#programs };
  }

  get #storeFolder(): string {
    return join(this.folder, 'store');
  }

  /** For the guardians' sockets. */
  get #runtimeFolder(): string {
    return join(this.folder, 'run');
  }
}

export interface StageOptions {
  readonly searchPath: string;
  /** The state directory. */
  readonly folder: string;
  /** A program could not be started. */
  readonly onTrouble: (text: string) => void;
}

interface Found extends Pick<StageOptions, 'onTrouble'> {
  readonly folder: string;
  readonly leftover: 'fresh' | 'cleared';
  readonly programs: Programs;
  readonly ports: readonly number[];
}

/** Bounds the heap as bin/matriarch does for what runs for months. */
const smallHeap = ['--max-semi-space-size=1', '--max-old-space-size=192'];

/** An agent takes `PATRONI_*` for more of its configuration. */
function withoutOtherConfiguration(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PATRONI_')));
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
