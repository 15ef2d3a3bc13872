import { Client } from 'pg';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import { parseLsn } from '../../src/domain/lsn.ts';
import { slotName, slotNameOf } from '../../src/domain/names.ts';
import type { PostgresReport, Slot } from '../../src/domain/postgres-report.ts';
import { noSlotChange, type SlotChange } from '../../src/domain/slot-change.ts';
import type { TaskOutcome } from '../../src/domain/task.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';

beforeAll(becomeOrdinaryUser);

const START = millis(60_000);
const LOOK = millis(3_000);
const CDC = { name: slotName('cdc'), database: 'postgres', plugin: 'test_decoding' };
const members: RealMember[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
  for (const member of members.splice(0)) await member.end();
});

async function member(name: string): Promise<RealMember> {
  const made = await realMember(name);
  members.push(made);
  return made;
}

function decoding(upstream: Parameters<typeof desired>[0]): DesiredPostgres {
  const base = desired(upstream);
  const more = { wal_level: 'logical', hot_standby_feedback: 'on', wal_receiver_status_interval: '1s' };
  return { ...base, parameters: { ...base.parameters, ...more } };
}

async function primary(): Promise<RealMember> {
  const a = await member('a');
  const outcome = await a.postgres.run({ kind: 'bootstrap', desired: decoding(null) }, taskContext());
  expect(outcome).toMatchObject({ kind: 'done' });
  return a;
}

async function standbyOf(a: RealMember): Promise<RealMember> {
  const b = await member('b');
  await manage(a, { create: [slotNameOf(b.name)] });
  const clone = {
    kind: 'clone',
    from: a.upstream(b.name),
    methods: [{ kind: 'basebackup', options: [] }],
    patience: seconds(10),
  } as const;
  expect(await b.postgres.run(clone, taskContext())).toEqual({ kind: 'done' });
  const started = await b.postgres.run({ kind: 'start', desired: follows(b, a), timeout: START }, taskContext());
  expect(started).toEqual({ kind: 'done' });
  return b;
}

function follows(b: RealMember, a: RealMember): DesiredPostgres {
  return decoding({ from: a.upstream(b.name), as: b.name });
}

function manage(where: RealMember, change: Partial<SlotChange>): Promise<TaskOutcome> {
  return where.postgres.manageSlots({ ...noSlotChange, ...change });
}

function copy(b: RealMember, a: RealMember): Promise<TaskOutcome> {
  const task = { kind: 'copy-slots', from: a.upstream(b.name), slots: [CDC], desired: follows(b, a) } as const;
  return b.postgres.run({ ...task, stopTimeout: seconds(10), timeout: START }, taskContext());
}

async function query(where: RealMember, text: string, values: readonly unknown[] = []) {
  const { port, superuser } = where.config.postgres;
  const { username: user, password } = superuser;
  const client = new Client({ host: 'localhost', port, user, password: password ?? '', database: 'postgres' });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
  await client.end();
  return rows;
}

const serverOf = ({ server }: PostgresReport) =>
  server.kind === 'primary' || server.kind === 'standby' ? server : expect.fail(`it is ${server.kind}`);

async function slotOn(where: RealMember, name: string): Promise<Slot | undefined> {
  return serverOf(await where.postgres.look(LOOK)).slots.find((each) => each.name === name);
}

async function caughtUp(b: RealMember, a: RealMember): Promise<void> {
  const [row] = await query(a, 'SELECT pg_current_wal_flush_lsn() AS lsn');
  const caught = async () =>
    (await query(b, 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS yes', [row?.['lsn']]))[0];
  await expect.poll(caught, { timeout: 20_000 }).toEqual({ yes: true });
}

/** What the consumer of the slot gets that it has not confirmed yet; it confirms it. */
async function consume(where: RealMember): Promise<readonly number[]> {
  const rows = await query(where, `SELECT data FROM pg_logical_slot_get_changes('cdc', NULL, NULL)`);
  return rows.flatMap(({ data }) => {
    const id = /table public\.events: INSERT: id\[integer\]:(\d+)/.exec(String(data))?.[1];
    return id === undefined ? [] : [Number(id)];
  });
}

async function write(where: RealMember, from: number, to: number): Promise<void> {
  await query(where, 'CREATE TABLE IF NOT EXISTS events (id integer)');
  await query(where, 'INSERT INTO events SELECT generate_series($1::integer, $2::integer)', [from, to]);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('slots of a real server', () => {
  test('a logical one is created in its database, seen, and dropped', async () => {
    const a = await primary();

    expect(await manage(a, { createLogical: [CDC] })).toEqual({ kind: 'done' });
    expect(await manage(a, { createLogical: [CDC] }), 'it is there').toEqual({ kind: 'done' });
    expect(await slotOn(a, 'cdc')).toMatchObject({ type: 'logical', database: 'postgres', plugin: 'test_decoding' });
    expect((await slotOn(a, 'cdc'))?.confirmedFlushLsn).not.toBeNull();

    expect(await manage(a, { drop: [CDC.name] })).toEqual({ kind: 'done' });
    expect(await slotOn(a, 'cdc')).toBeUndefined();
    const nowhere = await manage(a, { createLogical: [{ ...CDC, database: 'nowhere' }], create: [slotName('p')] });
    expect(nowhere).toMatchObject({ kind: 'failed' });
    expect(await slotOn(a, 'p'), 'each on its own').toMatchObject({ type: 'physical' });
  });

  test('case 70: stale feedback is forgotten, and the WAL kept that the slot holds back', async () => {
    const a = await primary();
    const b = await standbyOf(a);
    const own = slotNameOf(b.name);
    await expect.poll(async () => (await slotOn(a, own))?.hasXmin, { timeout: 20_000 }).toBe(true);
    await b.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
    await expect.poll(async () => (await slotOn(a, own))?.active).toBe(false);
    const before = await slotOn(a, own);
    await write(a, 1, 10_000);
    await query(a, 'CHECKPOINT');

    expect(await manage(a, { clearXmin: [own] })).toEqual({ kind: 'done' });
    const after = await slotOn(a, own);
    expect(after).toMatchObject({ hasXmin: false, restartLsn: before?.restartLsn });
    expect(serverOf(await a.postgres.look(LOOK)).slots.map(({ name }) => name)).toEqual([own]);
  });

  test('CC176: a logical slot is copied with one restart, moved on, and read on after a failover', async () => {
    const a = await primary();
    const b = await standbyOf(a);
    await manage(a, { createLogical: [CDC] });
    await write(a, 1, 100);
    expect(await consume(a)).toEqual(range(1, 100));
    await caughtUp(b, a);

    expect(await copy(b, a)).toEqual({ kind: 'done' });
    expect(await slotOn(b, 'cdc')).toMatchObject({ type: 'logical', database: 'postgres', plugin: 'test_decoding' });

    const verify = { from: a.upstream(b.name), as: slotNameOf(b.name), names: [CDC.name] };
    await expect.poll(() => manage(b, { verify }), { timeout: 20_000 }).toEqual({ kind: 'done', safeSlots: ['cdc'] });

    await write(a, 101, 200);
    expect(await consume(a)).toEqual(range(101, 200));
    await caughtUp(b, a);
    const to = (await slotOn(a, 'cdc'))?.confirmedFlushLsn ?? expect.fail('it is confirmed');
    expect(await manage(b, { advanceLogical: [{ name: CDC.name, database: 'postgres', to }] })).toEqual({
      kind: 'done',
    });
    expect((await slotOn(b, 'cdc'))?.confirmedFlushLsn).toBe(to);

    await write(a, 201, 300);
    await caughtUp(b, a);
    await a.postgres.run({ kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null }, taskContext());
    expect(await b.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext())).toEqual({ kind: 'done' });
    await write(b, 301, 400);
    expect(await consume(b)).toEqual(range(201, 400));
  });

  test('W36: nothing is stopped for a slot that would be ahead, or whose WAL is not here', async () => {
    const a = await primary();
    await write(a, 1, 10);
    await manage(a, { createLogical: [CDC] });
    await query(a, 'SELECT pg_switch_wal()');
    const b = await standbyOf(a);
    const { process: before } = await b.postgres.look(LOOK);

    expect(await copy(b, a), 'the WAL that it needs came before the copy').toMatchObject({ kind: 'refused' });
    await query(b, 'SELECT pg_wal_replay_pause()');
    await write(a, 11, 20);
    await consume(a);
    expect(await copy(b, a), 'it is ahead').toMatchObject({ kind: 'refused' });
    expect((await b.postgres.look(LOOK)).process).toEqual(before);
    expect(await slotOn(b, 'cdc')).toBeUndefined();
  });

  test('a copy that can never be moved on is named', async () => {
    const a = await primary();
    const b = await standbyOf(a);
    await manage(a, { createLogical: [CDC] });
    await caughtUp(b, a);
    expect(await copy(b, a)).toEqual({ kind: 'done' });
    // What its WAL is when a checkpoint has removed it: there is none.
    const { dataDir } = b.config.postgres;
    const far = parseLsn('0/9000000') ?? expect.fail('a position');
    for (let round = 0; round < 4; round += 1) {
      await write(a, 1, 10);
      await query(a, 'SELECT pg_switch_wal()');
    }
    await caughtUp(b, a);
    await removeOldestWal(dataDir);

    const outcome = await manage(b, { advanceLogical: [{ name: CDC.name, database: 'postgres', to: far }] });
    expect(outcome).toMatchObject({ kind: 'failed', unusableSlots: ['cdc'] });
  });
});

async function removeOldestWal(dataDir: string): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises');
  const names = (await readdir(`${dataDir}/pg_wal`)).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
  for (const name of names.slice(0, 3)) await rm(`${dataDir}/pg_wal/${name}`);
}
