import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { createPostgres } from '../../src/adapters/postgres/create-postgres.ts';
import { openLocal } from '../../src/adapters/postgres/instance.ts';
import { descendantsOf } from '../../src/adapters/postgres/process/process-table.ts';
import type { LocalPostgresConfig } from '../../src/domain/agent-config.ts';
import { slotNameOf } from '../../src/domain/names.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, silentLog, taskContext, testClock } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const START = millis(60_000);
const LOOK = millis(3_000);
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

async function bootstrapped(change: Partial<LocalPostgresConfig> = {}): Promise<RealMember> {
  const a = await realMember('a', change);
  members.push(a);
  expect(await a.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext())).toMatchObject({
    kind: 'done',
  });
  return a;
}

test('a frozen server is silent, within the limit, since the first look that got no answer', async () => {
  const a = await bootstrapped();
  const { process: found } = await a.postgres.look(LOOK);
  if (found.kind !== 'running') throw new Error('it does not run');
  const pids = [found.pid, ...descendantsOf(found.pid).map((entry) => entry.pid)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const first = await a.postgres.look(millis(300));
  const second = await a.postgres.look(millis(300));
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  expect(first).toMatchObject({ process: { kind: 'running' }, server: { kind: 'silent' } });
  expect(second.server).toEqual(first.server);
  await expect.poll(async () => (await a.postgres.look(LOOK)).server.kind).toBe('primary');
});

test('a connection that breaks under a server that lives is a disturbance, and the next look connects again', async () => {
  const a = await bootstrapped();
  await a.postgres.look(LOOK);
  let disturbances = 0;
  a.postgres.onDisturbance(() => (disturbances += 1));
  await sql(
    a.config.postgres,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'Matriarch heartbeat'",
  );
  await expect.poll(() => disturbances).toBe(1);
  expect((await a.postgres.look(LOOK)).server.kind).toBe('primary');
});

test('a server is found where it was started to listen, whatever a reload says meanwhile', async () => {
  const a = await bootstrapped({ listenAddresses: '127.0.0.1' });
  a.reload({ listenAddresses: '127.0.0.9', port: a.config.postgres.port + 1 });
  await a.postgres.close();
  expect(await a.postgres.look(LOOK)).toMatchObject({
    process: { listensOn: { addresses: '127.0.0.1', port: a.config.postgres.port } },
    server: { kind: 'primary' },
  });
});

test('an orderly stop and close are no disturbances', async () => {
  const a = await bootstrapped();
  await a.postgres.look(LOOK);
  let disturbances = 0;
  a.postgres.onDisturbance(() => (disturbances += 1));
  await a.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
  await a.postgres.look(LOOK);
  expect(disturbances).toBe(0);
});

test('a server without TCP is reached through its socket', async () => {
  const a = await bootstrapped({ useUnixSocket: true, useUnixSocketForReplication: true, listenAddresses: '' });
  expect((await a.postgres.look(LOOK)).server.kind).toBe('primary');
});

test('a directory that is not empty and no cluster is inaccessible, and a damaged one has no control data', async () => {
  const a = await bootstrapped();
  await a.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
  rmSync(join(a.config.postgres.dataDir, 'global', 'pg_control'));
  expect((await a.postgres.look(LOOK)).dataDirectory).toMatchObject({ kind: 'present', control: null });
  rmSync(join(a.config.postgres.dataDir, 'PG_VERSION'));
  expect((await a.postgres.look(LOOK)).dataDirectory).toMatchObject({ kind: 'inaccessible' });
});

test('a server that will not have us is silent, not down', async () => {
  const a = await bootstrapped();
  const closed = { ...desired(null), hba: ['host all all all reject'] };
  await a.postgres.close();
  await a.postgres.reconfigure(closed);
  await expect
    .poll(async () => {
      await a.postgres.close();
      return (await a.postgres.look(LOOK)).server.kind;
    })
    .toBe('silent');
});

test('why a server will not have us is what it says, not that it has no TLS', async () => {
  const a = await bootstrapped();
  const superuser = { ...a.config.postgres.superuser, password: 'wrong' };
  await a.postgres.reconfigure({ ...desired(null), hba: ['host all all all scram-sha-256'] });
  await expect
    .poll(() => openLocal({ ...a.config, postgres: { ...a.config.postgres, superuser } }, asking))
    .toMatchObject({ kind: 'refused', reason: expect.stringContaining('28P01') });
});

const asking = { purpose: 'test', limitMs: 2_000, settings: {} };

test('a server is silent, not unseen, while a certificate that its connection needs cannot be read', async () => {
  const certificate = join(mkdtempSync(join(tmpdir(), 'matriarch-tls-')), 'ca.crt');
  writeFileSync(certificate, '');
  const connection = { sslmode: 'allow', sslrootcert: certificate };
  const a = await bootstrapped({ superuser: { username: 'postgres', password: 'postgres-secret', connection } });
  rmSync(certificate);
  mkdirSync(certificate);
  await a.postgres.close();
  expect((await a.postgres.look(LOOK)).server.kind).toBe('silent');
  rmSync(dirname(certificate), { recursive: true });
});

test.each([
  ["session_preload_libraries = 'nosuch'", 'a library that is not there'],
  ["local_preload_libraries = 'nosuch'", 'one that anybody may ask for'],
  ["role = 'replicator'", 'a role without rights'],
])('what is set for all sessions of its user does not hide a server: %s (%s)', async (setting) => {
  const a = await bootstrapped();
  await sql(a.config.postgres, `ALTER ROLE postgres SET ${setting}`);
  await a.postgres.close();
  expect((await a.postgres.look(LOOK)).server.kind).toBe('primary');
  expect(await a.postgres.checkpoint(new AbortController().signal)).toEqual({ kind: 'done' });
});

test('CC49: a clone that is cancelled, or cannot connect, leaves an empty directory', async () => {
  const a = await bootstrapped();
  await sql(a.config.postgres, "CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)");
  const b = await realMember('b');
  members.push(b);
  const from = a.upstream(b.name);
  const cancel = new AbortController();
  const slow = {
    kind: 'clone',
    from,
    methods: [{ kind: 'basebackup', options: ['--max-rate=1M'] }],
    patience: seconds(10),
  } as const;
  const copying = b.postgres.run(slow, taskContext({ signal: cancel.signal, progress: () => cancel.abort() }));
  expect(await copying).toEqual({ kind: 'cancelled' });
  expect((await b.postgres.look(LOOK)).dataDirectory).toEqual({ kind: 'empty' });

  const nowhere = {
    kind: 'clone',
    from: { ...from, port: 1 },
    methods: [{ kind: 'basebackup', options: [] }],
    patience: seconds(10),
  } as const;
  expect(await b.postgres.run(nowhere, taskContext())).toMatchObject({
    kind: 'failed',
    detail: expect.stringContaining('onnection'),
  });
  expect((await b.postgres.look(LOOK)).dataDirectory).toEqual({ kind: 'empty' });
});

test('a rewind whose source is gone has failed, with the last words of pg_rewind', async () => {
  const a = await bootstrapped();
  await a.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
  const from = { ...a.upstream(a.name), port: 1 };
  expect(
    await a.postgres.run({ kind: 'rewind', from, options: [], patience: seconds(10) }, taskContext()),
  ).toMatchObject({
    kind: 'failed',
    detail: expect.stringContaining('pg_rewind: error'),
  });
  // It had not begun to change anything.
  expect((await a.postgres.look(LOOK)).dataDirectory).not.toHaveProperty('isHalfRewound');
});

test('a rewind that breaks off among the files leaves a mark, which the next agent sees, until a rewind or a copy is whole', async () => {
  const a = await bootstrapped();
  const b = await realMember('b');
  members.push(b);
  const { dataDir, binDir } = b.config.postgres;
  const from = a.upstream(b.name);
  const copy = { kind: 'clone', from, methods: [{ kind: 'basebackup', options: [] }], patience: seconds(10) } as const;
  await b.postgres.run(copy, taskContext());
  const script = join(dataDir, '..', 'breaks-off');
  const words = 'pg_rewind: rewinding from last common checkpoint at 0/50E36B0 on timeline 1';
  writeFileSync(script, `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
  const agent = (binNames: LocalPostgresConfig['binNames']) =>
    createPostgres({
      config: { ...b.config, postgres: { ...b.config.postgres, binNames } },
      clock: testClock,
      log: silentLog,
      serverOutput: { kind: 'file', path: b.logFile },
    });
  const rewinding = agent({ pg_rewind: relative(binDir, script) });
  const rewind = { kind: 'rewind', from, options: [], patience: seconds(10) } as const;
  expect(await rewinding.run(rewind, taskContext())).toMatchObject({ kind: 'failed' });
  await rewinding.close();

  const next = agent({});
  expect((await next.look(LOOK)).dataDirectory).toMatchObject({ kind: 'present', isHalfRewound: true });
  await next.run(copy, taskContext());
  expect((await next.look(LOOK)).dataDirectory).not.toHaveProperty('isHalfRewound');
  await next.close();
});

test('a standby that lost its upstream still knows the timeline it follows, also right after a restart', async () => {
  const a = await bootstrapped();
  const b = await realMember('b');
  members.push(b);
  await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(b.name)] });
  await b.postgres.run(
    {
      kind: 'clone',
      from: a.upstream(b.name),
      methods: [{ kind: 'basebackup', options: [] }],
      patience: seconds(10),
    },
    taskContext(),
  );
  const standby = desired({ from: a.upstream(b.name), as: b.name });
  await b.postgres.run({ kind: 'start', desired: standby, timeout: START }, taskContext());
  await b.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext());
  await b.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
  const alone = { ...desired(null), standby: { upstream: null, slot: null, recovery: {} } };
  await b.postgres.run({ kind: 'start', desired: alone, timeout: START }, taskContext());
  expect((await b.postgres.look(LOOK)).server).toMatchObject({
    kind: 'standby',
    timeline: 2,
    upstream: null,
    walReceiver: null,
  });
});

test('a directory that is closed to us is inaccessible, and nothing runs in it, already at the first look', async () => {
  const a = await bootstrapped();
  await a.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
  const { dataDir } = a.config.postgres;
  chmodSync(dataDir, 0o000);
  try {
    const fresh = createPostgres({ config: a.config, clock: testClock, log: silentLog });
    expect(await fresh.look(LOOK)).toMatchObject({
      dataDirectory: { kind: 'inaccessible', reason: expect.stringContaining('EACCES') },
      process: { kind: 'none' },
      server: { kind: 'down' },
    });
  } finally {
    chmodSync(dataDir, 0o700);
  }
});

test('a standby is on old WAL until it has replayed what lay there when it was started, whomever it follows', async () => {
  const a = await bootstrapped();
  const b = await realMember('b');
  members.push(b);
  const from = a.upstream(b.name);
  await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(b.name)] });
  const copy = { kind: 'clone', from, methods: [{ kind: 'basebackup', options: [] }], patience: seconds(10) } as const;
  await b.postgres.run(copy, taskContext());
  const late = { recovery_min_apply_delay: '1h' };
  const start = (upstream: typeof from | null, recovery: Readonly<Record<string, string>>) => {
    const standby = { upstream, slot: upstream === null ? null : slotNameOf(b.name), recovery };
    return { kind: 'start', desired: { ...desired(null), standby }, timeout: START } as const;
  };
  const seen = async () => {
    const { server } = await b.postgres.look(LOOK);
    if (server.kind !== 'standby') throw new Error(`it is ${server.kind}`);
    return server;
  };
  await b.postgres.run(start(from, late), taskContext());
  await expect.poll(async () => (await seen()).walReceiver?.status).toBe('streaming');
  await sql(a.config.postgres, 'CREATE TABLE t AS SELECT 1');
  const { server } = await a.postgres.look(LOOK);
  const written = server.kind === 'primary' ? server.flushLsn : 0n;
  await expect.poll(async () => ((await seen()).receiveLsn ?? 0n) >= written).toBe(true);
  expect(await seen()).not.toHaveProperty('isOnOldWal');
  expect(await seen()).toMatchObject({ isReplaying: true });

  for (const upstream of [from, null]) {
    await b.postgres.run({ kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null }, taskContext());
    await b.postgres.run(start(upstream, late), taskContext());
    const part = await seen();
    expect(part).toMatchObject({ receiveLsn: null, isOnOldWal: true });
    expect(part.replayLsn ?? 0n).toBeLessThan(written);
  }
  await b.postgres.reconfigure(start(null, {}).desired);
  await expect.poll(async () => (await seen()).isOnOldWal ?? false).toBe(false);
  expect((await seen()).replayLsn ?? 0n).toBeGreaterThanOrEqual(written);
  expect(await seen()).not.toHaveProperty('isReplaying');
});

test('a checkpointer at work has not read what a reload changed: commits wait for nobody before it was seen to wait', async () => {
  const a = await bootstrapped();
  const { config, postgres } = a;
  const seen = async () => (await postgres.look(LOOK)).server;
  await expect.poll(seen).not.toHaveProperty('isCheckpointerBusy');
  await sql(config.postgres, "CREATE TABLE t AS SELECT repeat('x', 500) FROM generate_series(1, 100000)");
  const checkpoint = sql(config.postgres, 'CHECKPOINT');
  await expect.poll(seen, { interval: 1 }).toMatchObject({ isCheckpointerBusy: true });
  const plain = desired(null);
  await postgres.reconfigure({ ...plain, parameters: { ...plain.parameters, synchronous_standby_names: 'nobody' } });
  await checkpoint;
  await expect.poll(seen).not.toHaveProperty('isCheckpointerBusy');
  const insert = sql(config.postgres, "SET statement_timeout = 500; INSERT INTO t VALUES ('y'); SELECT 1");
  const ended = await Promise.race([insert.then(() => 'ended'), new Promise((end) => setTimeout(end, 300, 'waits'))]);
  expect(ended).toBe('waits');
  await postgres.reconfigure(plain);
  await insert.catch(() => undefined);
});
