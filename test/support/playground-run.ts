import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

/** The launcher that a user starts. */
export const matriarch = join(import.meta.dirname, '../../bin/matriarch');

/** A place for a playground; its path is short, as sockets below it need. */
export function stateDirectory(): string {
  const parent = mkdtempSync(join(tmpdir(), 'mpg-'));
  // As root, the servers run as somebody else.
  chmodSync(parent, 0o755);
  return join(parent, 's');
}

/** `matriarch playground --json …`, and what it says. */
export class PlaygroundRun {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly #traces: Traces;
  #text = '';

  private constructor(folder: string, args: readonly string[]) {
    this.folder = folder;
    this.child = spawn(matriarch, ['playground', '--json', '--state-dir', folder, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.#text += chunk.toString()));
    this.child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#text += `${JSON.stringify({ stderr: chunk.toString() })}\n`),
    );
    this.#traces = new Traces(folder);
  }

  static start(folder: string, ...args: readonly string[]): PlaygroundRun {
    return new PlaygroundRun(folder, args);
  }

  /** Every line so far. */
  get events(): readonly PlaygroundEvent[] {
    const lines = this.#text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as PlaygroundEvent);
  }

  get text(): string {
    return this.#text;
  }

  async untilEvent(name: string): Promise<PlaygroundEvent> {
    const found = await until(`the playground says ${name}`, { withinMs: 120_000 }, () => {
      const event = this.events.find((each) => each.event === name);
      return event ?? (this.child.exitCode === null ? null : 'ended');
    });
    if (found === 'ended') throw new Error(`it has ended: ${this.#text}`);
    return found;
  }

  /** @returns the exit status; a signal's name when that ended it. */
  async ended(): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    this.#traces.end();
    return this.child.exitCode ?? this.child.signalCode ?? 'unknown';
  }

  /** What of it is still on this machine. */
  leftovers(): Promise<readonly string[]> {
    const started = this.events.find(({ event }) => event === 'started');
    const urls = started?.nodes?.flatMap(({ postgres, api }) => [postgres, api]) ?? [];
    return this.#traces.leftovers(urls.map((url) => Number(new URL(url).port)));
  }
}

/** Of the fields that some event has, those that tests look at. */
export interface PlaygroundEvent {
  readonly event?: string;
  readonly stderr?: string;
  readonly text?: string;
  readonly action?: string;
  readonly node?: string;
  readonly ms?: number;
  readonly count?: number;
  readonly nodes?: readonly { readonly name: string; readonly postgres: string; readonly api: string }[];
  readonly primary?: string;
  readonly list?: string;
  readonly healed?: boolean;
  readonly unreported?: number | null;
  readonly acknowledged?: number;
  readonly longest_gap_ms?: number;
  readonly folder?: string;
}

/** Watches what a playground has on this machine while it runs, to know what to look for afterwards. */
export class Traces {
  readonly #folder: string;
  readonly #keys = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string) {
    this.#folder = folder;
    this.#timer = setInterval(() => this.#look(), 100);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async leftovers(ports: readonly number[]): Promise<readonly string[]> {
    const open = await Promise.all(ports.map(async (port) => ((await isOpen(port)) ? [`port ${port}`] : [])));
    return [
      ...(existsSync(this.#folder) ? [`folder ${this.#folder}`] : []),
      ...processesWith(this.#folder).map((text) => `process ${text}`),
      ...segmentKeys().flatMap((key) => (this.#keys.has(key) ? [`shared memory ${key}`] : [])),
      ...open.flat(),
    ];
  }

  /** PostgreSQL makes the key of its segment from the number of the data directory's inode. */
  #look(): void {
    for (const node of ['node1', 'node2', 'node3']) {
      const stat = statSync(join(this.#folder, node, 'data'), { throwIfNoEntry: false });
      if (stat !== undefined) this.#keys.add(String(stat.ino));
    }
  }
}

/** Processes that name the folder in their arguments, work in it, or run a program from it. */
function processesWith(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const args = textOf(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      const places = [textOf(() => readlinkSync(`/proc/${pid}/cwd`)), textOf(() => readlinkSync(`/proc/${pid}/exe`))];
      return args.includes(folder) || places.some((place) => place.startsWith(folder)) ? [`${pid} ${args}`] : [];
    });
}

function segmentKeys(): readonly string[] {
  const lines = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/)[0] ?? '');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
