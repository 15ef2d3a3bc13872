import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import type { Started } from './hosts.ts';
import { users } from './node-file.ts';
import { until } from './wait.ts';
import type { Acknowledgement } from './write-analysis.ts';

/**
 * Clients that never stop writing: one process on each host and one outside. Each has a lane straight to every node
 * (so that no node can acknowledge a write unseen) and one that seeks the primary as an application would. They note
 * every acknowledged write with CLOCK_MONOTONIC, which all namespaces of a machine share.
 */
export class Writers {
  readonly #cluster: Cluster;
  readonly #running = new Map<string, Started>();
  readonly #logs = new Map<string, GrowingLog<NotedAttempt>>();
  readonly #style: Style;

  private constructor(cluster: Cluster, style: Style) {
    this.#cluster = cluster;
    this.#style = style;
  }

  /** The table is made on the primary, and every writer has been acknowledged a row before this returns. */
  static async start(cluster: Cluster, wanted: Partial<Style> = {}): Promise<Writers> {
    const writers = new Writers(cluster, { places: [...cluster.names, 'outside'], ...defaultStyle, ...wanted });
    const primary = await cluster.untilPrimary();
    await cluster.sql(primary, tableText, { limitMs: 10_000 });
    for (const place of writers.#style.places) writers.startOn(place);
    await until('every writer was acknowledged a row', { withinMs: 20_000 }, () => writers.#allHaveWritten());
    return writers;
  }

  /** Also after its host was revived; then it is another writer with a log of its own. */
  startOn(place: string): void {
    const earlier = [...this.#logs.keys()].filter((name) => name.startsWith(`${place}#`)).length;
    const writer = `${place}#${this.#style.label}${earlier + 1}`;
    const logFile = join(this.#cluster.hosts.folder, `writes-of-${writer}.log`);
    const orders: WriterOrders = {
      writer,
      logFile,
      user: { user: users.superuser.username, password: users.superuser.password },
      lanes: this.#lanes(),
      connectMs: 300,
      answerMs: 1000,
      retryMs: 25,
    };
    const program = join(import.meta.dirname, 'writer-process.ts');
    const command = [process.execPath, program, JSON.stringify(orders)] as const;
    this.#running.set(place, this.#cluster.hosts.start(place, [...command], { as: 'root', log: 'writer', talk: true }));
    this.#logs.set(writer, new GrowingLog(logFile, (line) => this.#attemptIn(line, writer)));
  }

  #lanes(): readonly Lane[] {
    const { names, hosts } = this.#cluster;
    const targets = this.#style.targets ?? names.map((node) => ({ node, host: hosts.addressOf(node), port: 5432 }));
    const direct = targets.map((target): Lane => ({ kind: 'direct', name: target.node, targets: [target], ...paced }));
    const seekers = Array.from({ length: this.#style.seekers }, (_, index): Lane => {
      const pipelined = this.#style.pipelineDepth > 1 ? { depth: this.#style.pipelineDepth, paceMs: 0 } : paced;
      return { kind: 'seeker', name: `seeker${index + 1}`, targets, ...pipelined };
    });
    return [...direct, ...seekers];
  }

  #allHaveWritten(): boolean {
    const seen = new Set(this.acknowledgements().map(({ writer }) => writer));
    return [...this.#logs.keys()].every((writer) => seen.has(writer));
  }

  /** Everything acknowledged so far, in the order of acknowledgement. */
  acknowledgements(): readonly Acknowledgement[] {
    return this.#attempts()
      .filter(({ outcome }) => outcome === 'acknowledged')
      .toSorted((a, b) => a.at - b.at);
  }

  /** Writes that broke or stayed unanswered: perhaps written, perhaps not. A replica's refusal is none. */
  failures(): readonly Acknowledgement[] {
    return this.#attempts().filter(({ outcome }) => outcome === 'unknown');
  }

  #attempts(): readonly NotedAttempt[] {
    return [...this.#logs.values()].flatMap((log) => log.readOn());
  }

  #attemptIn(line: string, writer: string): NotedAttempt {
    const [outcome = '', lane = '', sequence = '', connectedAt, sentAt, at, server = '', timeline = ''] =
      line.split(' ');
    return {
      outcome,
      id: `${writer} ${lane} ${sequence}`,
      writer,
      lane,
      place: writer.split('#')[0] ?? writer,
      connectedAt: Number(connectedAt),
      sentAt: Number(sentAt),
      at: Number(at),
      node: this.#cluster.names.find((name) => this.#cluster.hosts.addressOf(name) === server) ?? server,
      timeline: Number.parseInt(timeline, 16),
    };
  }

  /** Somebody outside was acknowledged a write that was sent after `instant` (CLOCK_MONOTONIC, milliseconds). */
  async untilWrittenSince(instant: number, { withinMs = 60_000 } = {}): Promise<Acknowledgement> {
    return until('a write from outside is acknowledged again', { withinMs }, () =>
      this.acknowledgements().find((each) => each.place === 'outside' && each.sentAt > instant),
    );
  }

  /** Somebody outside was acknowledged a write that was sent after `since`, by one of these nodes. */
  async untilWrittenBy(
    isMeant: (node: string) => boolean,
    { since, withinMs }: { readonly since: number; readonly withinMs: number },
  ): Promise<Acknowledgement> {
    return until('a write from outside is acknowledged by another node', { withinMs }, () =>
      this.acknowledgements().find(({ place, sentAt, node }) => place === 'outside' && sentAt > since && isMeant(node)),
    );
  }

  async stop(): Promise<void> {
    for (const { child } of this.#running.values()) if (child.connected) child.disconnect();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** What `primary` has of it all. */
  async rowsOn(primary: string): Promise<ReadonlySet<string>> {
    const text = `SELECT writer || ' ' || lane || ' ' || sequence FROM written`;
    return new Set((await this.#cluster.sql(primary, text, { limitMs: 30_000 })).map(([id]) => String(id)));
  }
}

interface Style {
  /** Tells the writers of one start from those of another. */
  readonly label: string;
  /** Hosts to write from. */
  readonly places: readonly string[];
  /** Instead of the nodes themselves: a proxy's address, for instance. */
  readonly targets: readonly Target[] | null;
  readonly seekers: number;
  /** Commits in flight on each seeker's connection. */
  readonly pipelineDepth: number;
}

const defaultStyle = { label: 'w', targets: null, seekers: 1, pipelineDepth: 1 } as const;
const paced = { depth: 1, paceMs: 15 } as const;

const tableText = `CREATE TABLE IF NOT EXISTS written (
  writer text, lane text, sequence bigint, at timestamptz DEFAULT clock_timestamp(),
  PRIMARY KEY (writer, lane, sequence))`;

export interface WriterOrders {
  readonly writer: string;
  readonly logFile: string;
  readonly user: { readonly user: string; readonly password: string };
  readonly lanes: readonly Lane[];
  readonly connectMs: number;
  /** A server that is silent for this long is given up; what it would still say is never heard. */
  readonly answerMs: number;
  readonly retryMs: number;
}

export interface Lane {
  /** `direct`: one node, whatever it says. `seeker`: on to the next node when this one refuses or is silent. */
  readonly kind: 'direct' | 'seeker';
  readonly name: string;
  readonly targets: readonly Target[];
  readonly depth: number;
  readonly paceMs: number;
}

interface Target {
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

/** One write and what came of it; instants are CLOCK_MONOTONIC in milliseconds. `unknown`: perhaps written. */
export interface Attempt {
  readonly outcome: 'acknowledged' | 'unknown';
  readonly lane: string;
  readonly sequence: number;
  readonly connectedAt: number;
  readonly sentAt: number;
  readonly at: number;
  readonly node: string;
  readonly timeline: string;
}

type NotedAttempt = Acknowledgement & { readonly outcome: string };

/** A file that somebody appends to: each line is read and understood once. */
class GrowingLog<T> {
  readonly #file: string;
  readonly #understand: (line: string) => T;
  readonly #entries: T[] = [];
  #offset = 0;

  constructor(file: string, understand: (line: string) => T) {
    this.#file = file;
    this.#understand = understand;
  }

  /** Everything so far. Complete lines only: the last one may be in the middle of being written. */
  readOn(): readonly T[] {
    if (!existsSync(this.#file)) return this.#entries; // The writer has not come to write yet.
    const fresh = Buffer.alloc(statSync(this.#file).size - this.#offset);
    const descriptor = openSync(this.#file, 'r');
    const count = readSync(descriptor, fresh, 0, fresh.length, this.#offset);
    closeSync(descriptor);
    const complete = fresh.subarray(0, fresh.subarray(0, count).lastIndexOf(0x0a) + 1);
    this.#offset += complete.length;
    for (const line of complete.toString().split('\n')) if (line !== '') this.#entries.push(this.#understand(line));
    return this.#entries;
  }
}
