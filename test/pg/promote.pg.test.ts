/** Promotions of standbys that let nobody in at that moment. */
import { Client } from 'pg';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';

beforeAll(becomeOrdinaryUser);

const LOOK = millis(3_000);
const promote = { kind: 'promote', safety: millis(1_000) } as const;
const members: RealMember[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.connection.stream.destroy();
  for (const member of members.splice(0)) await member.end();
});

test('one whose logins a lock of the dead primary holds up, as by VACUUM FULL of a catalog, is promoted all the same', async () => {
  const { a, b } = await pair();
  const holder = await connected(a);
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE');
  await holder.query('SELECT pg_switch_wal()');
  await expect.poll(() => connected(b, 500).catch(() => 'held up'), { timeout: 10_000 }).toBe('held up');

  expect(await b.postgres.run(promote, taskContext())).toEqual({ kind: 'done' });
  expect((await b.postgres.look(LOOK)).server.kind).toBe('primary');
});

test('so is one all of whose connections are taken', async () => {
  const { b } = await pair();
  await expect
    .poll(() => connected(b).catch((error: unknown) => String(error)), { timeout: 30_000, interval: 5 })
    .toContain('too many clients');
  const noLease = taskContext({ leaseNow: () => ({ ...taskContext().leaseNow(), deadline: null }) });
  expect(await b.postgres.run(promote, noLease)).toMatchObject({ kind: 'refused' });
  expect((await b.postgres.look(LOOK)).server.kind).toBe('standby');

  expect(await b.postgres.run(promote, taskContext())).toEqual({ kind: 'done' });
  expect((await b.postgres.look(LOOK)).server.kind).toBe('primary');
});

async function pair(): Promise<{ readonly a: RealMember; readonly b: RealMember }> {
  const a = await made('a');
  const b = await made('b');
  const few = { ...desired(null).parameters, max_connections: '10', superuser_reserved_connections: '2' };
  await a.postgres.run({ kind: 'bootstrap', desired: { ...desired(null), parameters: few } }, taskContext());
  const from = a.upstream(b.name);
  const methods = [{ kind: 'basebackup', options: [] }] as const;
  await b.postgres.run({ kind: 'clone', from, methods, patience: seconds(10) }, taskContext());
  const follows = { ...desired(null), parameters: few, standby: { upstream: from, slot: null, recovery: {} } };
  const start = { kind: 'start', desired: follows, timeout: millis(60_000) } as const;
  expect(await b.postgres.run(start, taskContext())).toEqual({ kind: 'done' });
  expect((await b.postgres.look(LOOK)).server.kind).toBe('standby');
  return { a, b };
}

async function made(name: string): Promise<RealMember> {
  const member = await realMember(name);
  members.push(member);
  return member;
}

async function connected({ config }: RealMember, limitMs = 5_000): Promise<Client> {
  const { port, superuser } = config.postgres;
  const login = { host: 'localhost', port, user: 'postgres', database: 'postgres', password: superuser.password ?? '' };
  const client = new Client({ ...login, connectionTimeoutMillis: limitMs });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}
