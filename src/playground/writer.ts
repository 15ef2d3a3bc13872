import pg from 'pg';
import { millis } from '../domain/time.ts';
import { superuser } from './node-file.ts';
import type { World } from './world.ts';

/**
 * A client as an application has one: it writes without pause, and when a node is of no use any more it goes on to the
 * next until one takes its writes. It remembers the longest time without an acknowledged write.
 */
export class Writer {
  readonly #world: World;
  readonly #ports: readonly number[];
  readonly #done: Promise<void>;
  #stopping = false;
  #lastAt: number | null = null;
  #longestGapMs = 0;
  #acknowledged = 0;

  constructor(world: World, ports: readonly number[]) {
    this.#world = world;
    this.#ports = ports;
    this.#done = this.#run();
  }

  get longestGapMs(): number {
    return this.#longestGapMs;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Ends within a second or two, whatever the servers do. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopping; turn++) {
      const port = this.#ports[turn % this.#ports.length];
      if (port !== undefined) await this.#writeTo(port);
      await this.#world.sleep(millis(20));
    }
  }

  /** Until it refuses, breaks or is silent. */
  async #writeTo(port: number): Promise<void> {
    const { username: user, password } = superuser;
    const where = { host: '127.0.0.1', port, user, password, database: 'postgres' };
    const client = new pg.Client({ ...where, connectionTimeoutMillis: 300, query_timeout: 1000 });
    client.on('error', () => {}); // It shows in the write that it breaks.
    try {
      await client.connect();
      await client.query('CREATE TABLE IF NOT EXISTS heartbeat (at timestamptz)');
      while (!this.#stopping) {
        await client.query('INSERT INTO heartbeat VALUES (now())');
        this.#note();
        await this.#world.sleep(millis(10));
      }
    } catch {
      // The next node, then.
    } finally {
      // A server that does not take the goodbye is not waited for.
      await Promise.race([client.end(), this.#world.sleep(millis(500))]).catch(() => {});
    }
  }

  #note(): void {
    const now = this.#world.now();
    if (this.#lastAt !== null) this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
    this.#lastAt = now;
    this.#acknowledged += 1;
  }
}
