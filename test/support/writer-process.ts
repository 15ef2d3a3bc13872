/**
 * Writes rows as fast as its pace allows and appends to a file what came of each, until its parent goes away or says
 * stop. Runs on a host; see writers.ts for what its lanes are.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Attempt, Lane, WriterOrders } from './writers.ts';

const orders: WriterOrders = JSON.parse(process.argv[2] ?? '');
const log = openSync(orders.logFile, 'a');
let stopping = false;
for (const end of ['disconnect', 'message', 'SIGTERM'] as const) {
  process.once(end, () => {
    stopping = true;
  });
}

void Promise.all(orders.lanes.map(runLane)).then(() => process.exit());

async function runLane(lane: Lane): Promise<void> {
  let sequence = 0;
  const nextSequence = (): number => {
    sequence += 1;
    return sequence;
  };
  for (let turn = 0; !stopping; turn++) {
    const target = lane.targets[turn % lane.targets.length];
    if (target === undefined) return;
    const client = await connect(target, lane);
    if (client === null) {
      await pause(orders.retryMs);
      continue;
    }
    const session = { lane, node: target.node, connectedAt: now() };
    const write = (): Promise<Ending> => insert(client, { ...session, sequence: nextSequence() });
    await Promise.all(Array.from({ length: lane.depth }, () => writeOn(lane, write)));
    client.end().catch(() => {});
    // A server that does not even take the goodbye is not waited for.
    client.connection.stream.destroy();
  }
}

/** Write after write on one connection, until it is of no use any more. */
async function writeOn(lane: Lane, write: () => Promise<Ending>): Promise<void> {
  while (!stopping) {
    const ending = await write();
    if (ending === 'broken') return;
    if (ending === 'refused') {
      if (lane.kind !== 'direct') return; // The one that seeks the primary goes on to the next node.
      await pause(orders.retryMs);
    } else if (lane.paceMs > 0) await pause(lane.paceMs);
  }
}

async function connect(target: Lane['targets'][number], lane: Lane): Promise<Client | null> {
  const client: Client = new pg.Client({
    ...orders.user,
    host: target.host,
    port: target.port,
    database: 'postgres',
    connectionTimeoutMillis: orders.connectMs,
    query_timeout: orders.answerMs,
    pipeline: lane.depth > 1,
    application_name: `writer ${orders.writer}`,
  });
  client.on('error', () => {}); // What breaks shows in the write that it breaks.
  try {
    await client.connect();
    return client;
  } catch {
    client.connection.stream.destroy();
    return null;
  }
}

async function insert(client: Client, { lane, node, connectedAt, sequence }: InsertOf): Promise<Ending> {
  const sentAt = now();
  const about = { lane: lane.name, sequence, connectedAt, sentAt };
  try {
    const { rows } = await client.query<[string, string]>({
      name: 'insert',
      text: insertText,
      values: [orders.writer, lane.name, sequence],
      rowMode: 'array',
    });
    const [timeline, server] = rows[0] ?? ['', ''];
    const by = server === '' ? node : server;
    record({ outcome: 'acknowledged', ...about, at: now(), node: by, timeline });
    return 'written';
  } catch (error) {
    // 25006: a replica says no; nothing was written. 57…: the server is going down, the session with it.
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    if (code === '25006') return 'refused';
    record({ outcome: 'unknown', ...about, at: now(), node, timeline: '' });
    console.error(now().toFixed(3), lane.name, node, String(error));
    return code !== undefined && !code.startsWith('57') ? 'refused' : 'broken';
  }
}

/** The timeline is the one that the row's WAL is written to; the server says who it is, in case a proxy chose it. */
const insertText = `INSERT INTO written (writer, lane, sequence) VALUES ($1, $2, $3)
  RETURNING substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), host(inet_server_addr())`;

function record(attempt: Attempt): void {
  const { outcome, lane, sequence, connectedAt, sentAt, at, node, timeline } = attempt;
  const instants = [connectedAt, sentAt, at].map((instant) => instant.toFixed(3)).join(' ');
  writeSync(log, `${outcome} ${lane} ${sequence} ${instants} ${node} ${timeline}\n`);
}

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

type Ending = 'written' | 'refused' | 'broken';
type Client = pg.Client & { readonly connection: { readonly stream: { destroy(): void } } };
interface InsertOf {
  readonly lane: Lane;
  readonly node: string;
  readonly connectedAt: number;
  readonly sequence: number;
}
