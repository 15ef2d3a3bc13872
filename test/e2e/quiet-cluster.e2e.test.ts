/** A cluster that nobody disturbs: what it keeps in the store, and what it costs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Cluster } from '../support/cluster.ts';
import { isLong, minutes, showLogsOfFailures } from '../support/e2e.ts';
import { switchover } from '../support/faults.ts';
import { type Footprint, footprintOf } from '../support/footprint.ts';
import { round } from '../support/round.ts';
import { type StoredKey, storedKeys } from '../support/stored-keys.ts';
import { letPass, monotonicMs, until } from '../support/wait.ts';
import { Writers } from '../support/writers.ts';

let cluster: Cluster;
beforeAll(async () => {
  // What a young database tidies up by itself is no concern of the agents.
  cluster = await Cluster.start({ parameters: { autovacuum: 'off' }, traces: 'none' });
}, 3 * minutes);
afterAll(() => cluster.end(), 1 * minutes);
showLogsOfFailures(() => cluster);

const idleMs = isLong ? 10 * minutes : 1 * minutes;

test('an idle cluster writes nothing to the store, and costs little', {
  timeout: 3 * (idleMs + 1 * minutes),
}, async () => {
  await cluster.untilHealthy();
  const { before, after } = await idleWindow();
  expect(after.revision).toBe(before.revision);
  const costs = cluster.names.map((name) => costBetween(before, after, name));
  for (const { line } of costs) console.log(line);
  for (const { share, memoryMiB } of costs) {
    expect(memoryMiB).toBeLessThanOrEqual(90);
    // The agreed figure is 1 %; a slow or busy machine must not decide about red or green.
    expect(share).toBeLessThan(isLong ? 0.01 : 0.03);
  }
});

test('the store holds exactly the keys and values that the other product would read', {
  timeout: 4 * minutes,
}, async () => {
  const writers = await Writers.start(cluster);
  await round(switchover, { cluster, writers, storeLeader: 'elsewhere' });
  await writers.stop();
  const primary = await cluster.untilHealthy();
  const keys = await until('history and status show the new timeline', { withinMs: 30_000, everyMs: 300 }, async () => {
    const found = await storedKeys(cluster.store, cluster.keyPrefix);
    const settled = found.has('history') && cluster.names.every((name) => timelineOf(found, name) === 2);
    return settled ? found : null;
  });

  expect([...keys.keys()].toSorted()).toEqual(
    [
      'config',
      'failover',
      'history',
      'initialize',
      'leader',
      'status',
      ...cluster.names.map((name) => `members/${name}`),
    ].toSorted(),
  );
  expect(keys.get('initialize')?.value).toBe(await systemIdentifier(primary));
  expect(keys.get('leader')?.value).toBe(primary);
  expect(keys.get('failover')?.value).toBe('{}');
  for (const [name, { value, lease }] of keys) {
    const expectation = name === 'leader' || name.startsWith('members/') ? 'under a lease' : 'permanent';
    expect(`${name} ${lease === 0n ? 'permanent' : 'under a lease'}`).toBe(`${name} ${expectation}`);
    if (/^[[{]/.test(value)) expect(value).toBe(compactAscii(value));
  }

  const config = Config.parse(json(keys, 'config'));
  expect(config).toMatchObject(cluster.timings);
  for (const name of cluster.names) {
    const member =
      name === primary
        ? PrimaryMember.parse(json(keys, `members/${name}`))
        : ReplicaMember.parse(json(keys, `members/${name}`));
    expect(member).toMatchObject({
      conn_url: `postgres://${cluster.hosts.addressOf(name)}:5432/postgres`,
      api_url: `http://${cluster.hosts.addressOf(name)}:8008/patroni`,
      timeline: 2,
    });
  }
  const status = Status.parse(json(keys, 'status'));
  expect(Object.keys(status.slots).toSorted()).toEqual([...cluster.names].toSorted());
  expect(status.retain_slots).toEqual([...cluster.names].toSorted());
  const [[timeline, , , , winner]] = History.parse(json(keys, 'history'));
  expect([timeline, winner]).toEqual([1, primary]);
});

/** A span in which PostgreSQL itself wrote nothing: autovacuum and checkpoints of a young cluster disturb the first. */
async function idleWindow(): Promise<{ readonly before: Moment; readonly after: Moment }> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await cluster.sql(await cluster.untilPrimary(), 'CHECKPOINT', { limitMs: 20_000 });
    // What the checkpoint moved, the agents still publish: half a minute is many loops.
    await letPass(30_000);
    const before = await moment();
    await letPass(idleMs);
    const after = await moment();
    if (after.walPosition === before.walPosition) return { before, after };
  }
  throw new Error('PostgreSQL never rests, although nobody asks it for anything');
}

async function moment(): Promise<Moment> {
  const [[position] = []] = await cluster.sql(await cluster.untilPrimary(), 'SELECT pg_current_wal_lsn()::text');
  return {
    walPosition: String(position),
    revision: await cluster.store.revision(),
    at: monotonicMs(),
    footprints: await footprints(),
  };
}

interface Moment {
  readonly walPosition: string;
  readonly revision: bigint;
  readonly at: number;
  readonly footprints: Awaited<ReturnType<typeof footprints>>;
}

/** Per node: its agent and, where there is one, its guardian. */
async function footprints(): Promise<ReadonlyMap<string, readonly Footprint[]>> {
  const found = new Map<string, readonly Footprint[]>();
  for (const name of cluster.names) {
    const guardian = await cluster.guardianOf(name);
    const pids = [cluster.agentOf(name).pid, ...(guardian === null ? [] : [guardian])];
    found.set(name, await Promise.all(pids.map(footprintOf)));
  }
  return found;
}

function costBetween(before: Moment, after: Moment, name: string): Cost {
  const processes = after.footprints.get(name) ?? [];
  const spent = cpuMs(processes) - cpuMs(before.footprints.get(name) ?? []);
  const share = spent / (after.at - before.at);
  const memoryMiB = processes.reduce((sum, each) => sum + each.memoryMiB, 0);
  const parts = processes.map((each) => `${each.memoryMiB.toFixed(1)} (private ${each.privateMiB.toFixed(1)})`);
  const memory = `${memoryMiB.toFixed(1)} MiB = ${parts.join(' + ')}`;
  return { share, memoryMiB, line: `${name}, agent + guardian: ${(share * 100).toFixed(2)} % of one core, ${memory}` };
}

interface Cost {
  readonly share: number;
  readonly memoryMiB: number;
  readonly line: string;
}

function cpuMs(processes: readonly Footprint[]): number {
  return processes.reduce((sum, each) => sum + each.cpuMs, 0);
}

async function systemIdentifier(name: string): Promise<string> {
  const [[identifier] = []] = await cluster.sql(name, 'SELECT system_identifier::text FROM pg_control_system()');
  return String(identifier);
}

function json(keys: ReadonlyMap<string, StoredKey>, name: string): unknown {
  return JSON.parse(keys.get(name)?.value ?? '');
}

function timelineOf(keys: ReadonlyMap<string, StoredKey>, member: string): unknown {
  const value = keys.get(`members/${member}`)?.value;
  return value === undefined ? null : z.object({ timeline: z.int().optional() }).parse(JSON.parse(value)).timeline;
}

/** No blank between tokens, and nothing beyond ASCII. Positions here are small enough for a double. */
function compactAscii(value: string): string {
  return JSON.stringify(JSON.parse(value)).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// spec/dcs.md 1.4 to 1.8, field by field; strict: what the chapter does not name must not be there.
const position = z.int().positive();
const member = {
  conn_url: z.string(),
  api_url: z.string(),
  state: z.literal('running'),
  version: z.string().regex(/^\d+(\.\d+)+$/),
  /** Ours; the other product ignores it. */
  agent: z
    .string()
    .regex(/^matriarch\//)
    .optional(),
  xlog_location: position,
  timeline: z.int().positive(),
};
const PrimaryMember = z.strictObject({
  ...member,
  role: z.literal('primary').or(z.literal('master')),
  checkpoint_after_promote: z.literal(false).optional(),
});
const ReplicaMember = z.strictObject({
  ...member,
  role: z.literal('replica'),
  replay_lsn: position.optional(),
  receive_lsn: position.optional(),
  replication_state: z.literal('streaming'),
});
const Status = z.strictObject({
  optime: position,
  slots: z.record(z.string(), position),
  retain_slots: z.array(z.string()),
});
const History = z.tuple([z.tuple([z.int(), position, z.string(), z.iso.datetime({ offset: true }), z.string()])]);
const Config = z.object({
  ttl: z.int(),
  loop_wait: z.int(),
  retry_timeout: z.int(),
  maximum_lag_on_failover: z.int(),
  postgresql: z.object({ use_pg_rewind: z.literal(true), use_slots: z.literal(true), parameters: z.object({}) }),
});
