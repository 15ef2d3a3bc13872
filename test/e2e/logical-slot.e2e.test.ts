/** A permanent logical slot with a consumer, through the death of the leader's host. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { checkTraces, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { nodeFile } from '../support/node-file.ts';
import { until } from '../support/wait.ts';

const cdc = { type: 'logical', database: 'postgres', plugin: 'test_decoding' };
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({
    dynamic: { slots: { cdc, archive: { type: 'physical' } } },
    // What decodes needs more in WAL than a replica does; the cluster's own configuration says so.
    nodeFile: (node) => nodeFile(node).replace('max_connections: 100', '$&\n        wal_level: logical'),
  });
}, 3 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);
checkTraces(() => cluster, 'others-too');

async function slotsOn(name: string): Promise<readonly unknown[]> {
  const rows = await cluster.sql(name, `SELECT slot_name FROM pg_replication_slots ORDER BY 1`).catch(() => []);
  return rows.map(([slot]) => slot);
}

function untilEverywhere(): Promise<true> {
  return until('every node has the permanent slots', { withinMs: 60_000 }, async () => {
    const slots = await Promise.all(cluster.names.map(slotsOn));
    return slots.every((each) => each.includes('cdc') && each.includes('archive')) ? true : null;
  });
}

/** Reads the slot of whoever is primary, again and again, and confirms what it has read. */
class Consumer {
  readonly seen = new Set<number>();
  #isOver = false;
  readonly #reading: Promise<void> = this.#read();

  async #read(): Promise<void> {
    while (!this.#isOver) {
      const [primary] = await cluster.primaries();
      if (primary !== undefined) await this.#take(primary).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #take(primary: string): Promise<void> {
    const rows = await cluster.sql(primary, `SELECT data FROM pg_logical_slot_get_changes('cdc', NULL, NULL)`);
    for (const [line] of rows) {
      const id = /INSERT: id\[integer\]:(\d+)/.exec(String(line))?.[1];
      if (id !== undefined) this.seen.add(Number(id));
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#reading;
  }
}

/** As many rows as there are, one after the other, wherever a primary is. */
async function write(from: number, count: number): Promise<void> {
  for (let id = from; id < from + count; id += 1) {
    await until(`row ${id} is written`, { withinMs: 60_000 }, async () => {
      const [primary] = await cluster.primaries();
      if (primary === undefined) return null;
      const text = `INSERT INTO events VALUES (${id}) ON CONFLICT DO NOTHING`;
      return cluster.sql(primary, text, { limitMs: 3_000 }).then(
        () => true,
        () => null,
      );
    });
  }
}

async function idsOn(primary: string): Promise<readonly number[]> {
  const rows = await cluster.sql(primary, 'SELECT id FROM events ORDER BY id');
  return rows.map(([id]) => Number(id));
}

test('the consumer goes on where it was, and misses nothing', { timeout: 4 * minutes }, async () => {
  const old = await cluster.untilPrimary();
  await cluster.sql(old, 'CREATE TABLE events (id integer PRIMARY KEY)');
  const consumer = new Consumer();
  // The slot began before the replicas were copied: they lack its WAL until the consumer is past that.
  await untilEverywhere();
  await write(1, 50);
  await until('it has read them', { withinMs: 30_000 }, () => Promise.resolve(consumer.seen.size >= 50 ? true : null));

  await cluster.killHost(old);
  const writing = write(51, 50);
  const next = await cluster.untilPrimary({ other: old });
  await writing;
  await cluster.reviveHost(old);
  await cluster.untilHealthy();
  await write(101, 50);

  const there = await idsOn(next);
  expect(there.length).toBeGreaterThan(100);
  const missing = () => there.filter((id) => !consumer.seen.has(id));
  await until('it has read all', { withinMs: 30_000 }, () => Promise.resolve(missing().length === 0 ? true : null));
  await consumer.end();
  await untilEverywhere();
  expect(await cluster.primaries()).toEqual([next]);
});
