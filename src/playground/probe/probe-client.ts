import pg from 'pg';
import { millis } from '../../domain/time.ts';
import type { Tell } from '../model/happening.ts';
import type { NodeName } from '../names.ts';
import { superuser } from '../stage/node-file.ts';
import type { World } from '../world.ts';
import { append, countOf, type Ranges, without } from './ranges.ts';

/**
 * A client as an application has one: it writes without pause, and when a node is of no use any more it goes on to the
 * next until one takes its writes. It comes from outside, through the relays. Of each acknowledged write it remembers the
 * number, and on every new connection it looks whether all of them are there.
 */
export class ProbeClient {
  readonly #world: World;
  readonly #tell: Tell;
  readonly #nodes: readonly Target[];
  readonly #onWrite: (write: Write) => void;
  readonly #done: Promise<void>;
  #stopping = false;
  #number = 0;
  #acknowledged: Ranges = [];
  #lastAt: number | null = null;

  constructor(options: {
    readonly world: World;
    readonly tell: Tell;
    readonly nodes: readonly Target[];
    readonly onWrite: (write: Write) => void;
  }) {
    this.#world = options.world;
    this.#tell = options.tell;
    this.#nodes = options.nodes;
    this.#onWrite = options.onWrite;
    this.#done = this.#run();
  }

  /** Ends within some seconds, whatever the servers do. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }

  /**
   * After `stop`: how many acknowledged writes does this node not have, and nobody has said so yet?
   * @returns `null` when it cannot be asked.
   */
  async unreportedLosses(node: NodeName): Promise<number | null> {
    const target = this.#nodes.find(({ name }) => name === node);
    for (let tries = 0; target !== undefined && tries < AUDIT_TRIES; tries++) {
      const count = await this.#with(target, (client) => this.#lossesSeenBy(client));
      if (count !== null) return count;
      await this.#world.sleep(millis(BETWEEN_NODES_MS));
    }
    return null;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopping; turn++) {
      const target = this.#nodes[turn % this.#nodes.length];
      if (target !== undefined) await this.#with(target, (client) => this.#writeTo(target, client));
      await this.#world.sleep(millis(BETWEEN_NODES_MS));
    }
  }

  /** @returns `null` when the node refused, broke or was silent. */
  async #with<T>({ port }: Target, use: (client: pg.Client) => Promise<T>): Promise<T | null> {
    const { username: user, password } = superuser;
    const where = { host: '127.0.0.1', port, user, password, database: 'postgres' };
    const client = new pg.Client({ ...where, connectionTimeoutMillis: CONNECT_MS, query_timeout: ANSWER_MS });
    client.on('error', () => {}); // It shows in the query that it breaks.
    try {
      await client.connect();
      return await use(client);
    } catch {
      return null; // The next node, then.
    } finally {
      // A server that does not take the goodbye is not waited for.
      await Promise.race([client.end(), this.#world.sleep(millis(GOODBYE_MS))]).catch(() => {});
    }
  }

  async #writeTo({ name }: Target, client: pg.Client): Promise<void> {
    await this.#write(name, client);
    await this.#reportLosses(name, client);
    while (!this.#stopping) {
      await this.#world.sleep(millis(BETWEEN_WRITES_MS));
      await this.#write(name, client);
    }
  }

  async #write(node: NodeName, client: pg.Client): Promise<void> {
    const number = ++this.#number;
    const sentAt = this.#world.now();
    try {
      await client.query('INSERT INTO playground_writes VALUES ($1)', [number]);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== UNDEFINED_TABLE) throw error;
      await client.query('CREATE TABLE playground_writes (number bigint PRIMARY KEY, at timestamptz DEFAULT now())');
      return;
    }
    this.#note({ sentAt, at: this.#world.now(), number, node });
  }

  #note(write: Write): void {
    const { at, number, node } = write;
    const gapMs = this.#lastAt === null ? 0 : at - this.#lastAt;
    this.#lastAt = at;
    this.#acknowledged = append(this.#acknowledged, number);
    this.#onWrite(write);
    this.#tell({ kind: 'wrote', node });
    if (gapMs > GAP_MS) this.#tell({ kind: 'gap-ended', node, ms: gapMs });
  }

  async #reportLosses(node: NodeName, client: pg.Client): Promise<void> {
    const count = await this.#lossesSeenBy(client);
    if (count > 0) this.#tell({ kind: 'found-lost', node, count });
  }

  /** Each is counted once. */
  async #lossesSeenBy(client: pg.Client): Promise<number> {
    // What is acknowledged while the query runs is no loss.
    const expected = this.#acknowledged;
    const question: pg.QueryConfig & { query_timeout: number } = { text: PRESENT, query_timeout: AUDIT_MS };
    const { rows } = await client.query<{ from: string; to: string }>(question);
    const present = rows.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
    const lost = without(expected, present);
    this.#acknowledged = without(this.#acknowledged, lost);
    return countOf(lost);
  }
}

export interface Target {
  readonly name: NodeName;
  readonly port: number;
}

/** An acknowledged write; moments are on the playground's clock. */
export interface Write {
  readonly sentAt: number;
  /** When it was acknowledged. */
  readonly at: number;
  readonly number: number;
  readonly node: NodeName;
}

/** Neighbours differ from their place in the order by the same amount: each run of them is one row. */
const PRESENT = `
  SELECT min(number) AS "from", max(number) AS "to"
    FROM (SELECT number, number - row_number() OVER (ORDER BY number) AS run FROM playground_writes) AS numbered
   GROUP BY run
   ORDER BY 1`;

const UNDEFINED_TABLE = '42P01';
const BETWEEN_NODES_MS = 20;
const BETWEEN_WRITES_MS = 10;
const CONNECT_MS = 300;
const ANSWER_MS = 1_000;
const AUDIT_MS = 10_000;
const AUDIT_TRIES = 20;
const GOODBYE_MS = 500;
/** Shorter ones are no news. */
const GAP_MS = 500;
