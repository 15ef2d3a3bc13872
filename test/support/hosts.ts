import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminPath, run } from './command.ts';
import { killAllIn, processesIn } from './namespace-processes.ts';
import { type Direction, type HostAddress, Network, namedNamespaces } from './network.ts';

/**
 * Machines on one machine: each host is a network namespace with its own address and folder; `outside` is where clients
 * live. They are cut off, killed as by a power loss, and started again. Needs root.
 */
export class Hosts {
  readonly #network: Network;
  readonly #addresses: ReadonlyMap<string, HostAddress>;
  readonly #alive = new Set<string>();
  /** Removed at the end; one folder per host below it. */
  readonly folder: string;

  private constructor(prefix: string, network: Network, addresses: ReadonlyMap<string, HostAddress>) {
    this.#network = network;
    this.#addresses = addresses;
    this.folder = join(tmpdir(), prefix);
  }

  /**
   * @param names at most 80, each a short word (it names an interface); `outside` is added.
   * @throws when not root: only root makes network namespaces, and a skipped test proves nothing.
   */
  static async build(names: readonly string[]): Promise<Hosts> {
    if (process.getuid?.() !== 0) {
      throw new Error('end-to-end tests build hosts from network namespaces, which takes root: run them as root');
    }
    await removeLeftovers();
    const prefix = `${family}.${process.pid}.${startOf(process.pid) ?? 0}.${nextNumber()}`;
    const addresses = new Map([...names, 'outside'].map((name, index) => [name, addressNumber(index + 11)]));
    const hosts = new Hosts(prefix, await Network.lay(prefix), addresses);
    try {
      mkdirSync(hosts.folder, { mode: 0o755 });
      for (const name of addresses.keys()) {
        mkdirSync(hosts.folderOf(name), { mode: 0o700 });
        chownSync(hosts.folderOf(name), serviceUser().uid, serviceUser().gid);
        await hosts.revive(name);
      }
      return hosts;
    } catch (error) {
      await hosts.remove();
      throw error;
    }
  }

  addressOf(host: string): string {
    const address = this.#addresses.get(host);
    if (address === undefined) throw new Error(`no such host: ${host}`);
    return address.ip;
  }

  folderOf(host: string): string {
    return join(this.folder, host);
  }

  isAlive(host: string): boolean {
    return this.#alive.has(host);
  }

  /** Start a program on a host; what it prints is appended to `<folder of the host>/<log>.log`. */
  start(host: string, command: readonly [string, ...string[]], options: StartOptions): Started {
    const logFile = join(this.folderOf(host), `${options.log}.log`);
    const log = openSync(logFile, 'a');
    const inside = this.inside(host, command, options.as);
    const child = spawn(inside[0], inside.slice(1), {
      cwd: options.as === 'service' ? this.folderOf(host) : import.meta.dirname,
      env: { PATH: adminPath(), LC_ALL: 'C.UTF-8', ...options.env },
      stdio: ['ignore', log, log, ...(options.talk === true ? (['ipc'] as const) : [])],
    });
    closeSync(log);
    const { pid } = child;
    if (pid === undefined) throw new Error(`${command[0]} could not be started on ${host}`);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
    return { pid, child, logFile, ended };
  }

  /** The same command, to be run from this machine inside the host; it becomes that process (exec). */
  inside(host: string, command: readonly [string, ...string[]], as: RunAs): [string, ...string[]] {
    const { uid, gid } = serviceUser();
    const user = as === 'root' ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
    return ['nsenter', `--net=/run/netns/${this.#network.namespaceOf(host)}`, '--', ...user, ...command];
  }

  async cut(host: string, direction: Direction): Promise<void> {
    await this.#network.cut(host, direction);
  }

  async heal(host: string): Promise<void> {
    await this.#network.heal(host);
  }

  /** As a power loss: silence first, so that no connection is reset; then nothing of it runs any more. */
  async kill(host: string): Promise<void> {
    this.#alive.delete(host);
    await this.#network.pullCable(host);
    await killAllIn(this.#network.namespaceOf(host));
    await this.#network.unplug(host);
  }

  /** The host is up again under its old address, its files as they were; starting programs is the caller's part. */
  async revive(host: string): Promise<void> {
    const address = this.#addresses.get(host);
    if (address === undefined) throw new Error(`no such host: ${host}`);
    await this.#network.plugIn(host, address);
    this.#alive.add(host);
  }

  processesOn(host: string): Promise<readonly number[]> {
    return processesIn(this.#network.namespaceOf(host));
  }

  /** Nothing of it stays: no process, no namespace, and no file unless `keepFiles`. */
  async remove({ keepFiles = false }: { readonly keepFiles?: boolean } = {}): Promise<void> {
    for (const host of this.#alive) await killAllIn(this.#network.namespaceOf(host));
    this.#alive.clear();
    await this.#network.remove();
    if (!keepFiles) await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `service`: the ordinary user that PostgreSQL insists on. */
type RunAs = 'service' | 'root';

interface StartOptions {
  readonly as: RunAs;
  readonly log: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A channel for messages (`child.send`), for programs of our own. */
  readonly talk?: boolean;
}

export interface Started {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly logFile: string;
  /** How it ended: a signal's name or `exit N`. */
  readonly ended: Promise<string>;
}

/** Debian's PostgreSQL packages bring this user. */
function serviceUser(): { readonly uid: number; readonly gid: number } {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres');
  if (entry === undefined) throw new Error('there is no user postgres: install postgresql (./run setup)');
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** First part of every name; the owner's pid and start time follow, so that a crashed run is told from a living one. */
const family = 'mtrlab';
const nameOfOurs = /^(mtrlab\.(\d+)\.(\d+)\.\d+)(-.*)?$/;

async function removeLeftovers(): Promise<void> {
  for (const namespace of await namedNamespaces()) {
    if (!isLeftover(namespace)) continue;
    await killAllIn(namespace);
    await run(['ip', 'netns', 'delete', namespace]);
  }
  for (const name of await readdir(tmpdir())) {
    if (isLeftover(name)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isLeftover(name: string): boolean {
  const [, , pid, start] = nameOfOurs.exec(name) ?? [];
  return pid !== undefined && startOf(Number(pid)) !== start;
}

/** A process's start time in clock ticks since boot: with the pid it names a process for good. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Counted from behind the command's name, which may hold blanks and brackets: field 22 is the 20th there.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

let built = 0;
function nextNumber(): number {
  built += 1;
  return built;
}

function addressNumber(number: number): HostAddress {
  return { ip: `10.77.0.${number}`, mac: `02:00:0a:4d:00:${number.toString(16).padStart(2, '0')}` };
}
