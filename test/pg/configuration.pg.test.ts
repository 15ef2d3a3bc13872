import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import { slotNameOf } from '../../src/domain/names.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const START = millis(60_000);
const LOOK = millis(3_000);
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

async function member(name: string, change: Parameters<typeof realMember>[1] = {}): Promise<RealMember> {
  const made = await realMember(name, change);
  members.push(made);
  return made;
}

async function bootstrapped(change: Parameters<typeof realMember>[1] = {}): Promise<RealMember> {
  const a = await member('a', change);
  expect(await a.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext())).toMatchObject({
    kind: 'done',
  });
  return a;
}

async function standbyOf(a: RealMember, change: Readonly<Record<string, string>> = {}): Promise<RealMember> {
  const b = await member('b');
  const wanted = withParameters(desired({ from: a.upstream(b.name), as: b.name }), change);
  await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(b.name)] });
  expect(
    await b.postgres.run(
      {
        kind: 'clone',
        from: a.upstream(b.name),
        methods: [{ kind: 'basebackup', options: [] }],
        patience: seconds(10),
      },
      taskContext(),
    ),
  ).toEqual({
    kind: 'done',
  });
  expect(await b.postgres.run({ kind: 'start', desired: wanted, timeout: START }, taskContext())).toEqual({
    kind: 'done',
  });
  return b;
}

function withParameters(base: DesiredPostgres, change: Readonly<Record<string, string>>): DesiredPostgres {
  return { ...base, parameters: { ...base.parameters, ...change } };
}

async function pendingRestart(a: RealMember) {
  const { server } = await a.postgres.look(LOOK);
  return server.kind === 'primary' || server.kind === 'standby' ? server.pendingRestart : [];
}

test('PG-17: the original configuration is renamed once, and the files are ours alone to read', async () => {
  const a = await bootstrapped();
  const { dataDir } = a.config.postgres;
  const text = readFileSync(join(dataDir, 'postgresql.conf'), 'utf8');
  expect(text.split('\n').slice(2, 4)).toEqual(["include 'postgresql.base.conf'", '']);
  expect(text).not.toContain('# recovery.conf');
  expect(text).toContain(`hba_file = '${dataDir}/pg_hba.conf'`);
  const base = readFileSync(join(dataDir, 'postgresql.base.conf'), 'utf8');
  expect(base).toContain('PostgreSQL configuration file');
  expect(statSync(join(dataDir, 'postgresql.conf')).mode & 0o777).toBe(0o600);
  expect(await a.postgres.reconfigure(desired(null))).toEqual({ kind: 'done' });
  expect(readFileSync(join(dataDir, 'postgresql.base.conf'), 'utf8')).toBe(base);
  expect(readFileSync(join(dataDir, 'postgresql.conf.backup'), 'utf8')).toBe(text);
});

test('a configuration that is already there is not written again', async () => {
  const a = await bootstrapped();
  const path = join(a.config.postgres.dataDir, 'postgresql.conf');
  const before = statSync(path).ino;
  await a.postgres.reconfigure(desired(null));
  expect(statSync(path).ino).toBe(before);
  await a.postgres.reconfigure(withParameters(desired(null), { work_mem: '9MB' }));
  expect(statSync(path).ino).not.toBe(before);
});

test('PG-29, PG-31, PG-33: a reload takes what it can, and says what waits for a restart', async () => {
  const a = await bootstrapped();
  const changed = { work_mem: '9MB', shared_buffers: '24MB', max_connections: '60', nosuch: '1' };
  expect(await a.postgres.reconfigure(withParameters(desired(null), changed))).toEqual({ kind: 'done' });
  await expect.poll(() => sql(a.config.postgres, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
  expect(await pendingRestart(a)).toEqual([
    { name: 'max_connections', oldValue: '50', newValue: '60' },
    { name: 'shared_buffers', oldValue: '16MB', newValue: '24MB' },
  ]);
  expect(readFileSync(join(a.config.postgres.dataDir, 'postgresql.conf'), 'utf8')).not.toContain('nosuch');
  const restart = { kind: 'restart', desired: withParameters(desired(null), changed), timeout: START } as const;
  expect(await a.postgres.run(restart, taskContext())).toEqual({ kind: 'done' });
  expect(await pendingRestart(a)).toEqual([]);
});

test('a standby that was promoted has no errors in its file', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a);
  expect(await b.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext())).toEqual({ kind: 'done' });
  expect(await b.postgres.reconfigure(withParameters(desired(null), { work_mem: '9MB' }))).toEqual({ kind: 'done' });
  await expect.poll(() => sql(b.config.postgres, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
  expect(await sql(b.config.postgres, 'SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL')).toEqual([]);
  expect(await sql(b.config.postgres, 'SELECT name FROM pg_settings WHERE pending_restart')).toEqual([]);
  expect(readFileSync(b.logFile, 'utf8')).not.toContain('contains errors');
});

test('neither a value of several lines nor a name that no file can hold makes the file unreadable', async () => {
  const a = await bootstrapped();
  const command = 'test -n "%p" &&\n  true\n';
  const changed = withParameters(desired(null), { archive_command: command, 'my-x.y': '1' });
  const archiving = withParameters(changed, { archive_mode: 'on', work_mem: '9MB' });
  const restart = { kind: 'restart', desired: archiving, timeout: START } as const;
  expect(await a.postgres.run(restart, taskContext())).toEqual({ kind: 'done' });
  expect(await sql(a.config.postgres, 'SHOW archive_command')).toEqual([{ archive_command: command }]);
  expect(await sql(a.config.postgres, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
});

test('PG-28, PG-34: a standby follows its upstream with its slot, its password in a file and recovery leftovers removed', async () => {
  const a = await bootstrapped();
  appendFileSync(join(a.config.postgres.dataDir, 'postgresql.auto.conf'), "primary_conninfo = 'host=nowhere'\n");
  const b = await standbyOf(a);
  const { dataDir, pgpassFile } = b.config.postgres;
  const text = readFileSync(join(dataDir, 'postgresql.conf'), 'utf8');
  const negotiation = Number(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8')) >= 17 ? ' sslnegotiation=postgres' : '';
  const conninfo = /^primary_conninfo = '(.*)'$/m.exec(text)?.[1];
  expect(conninfo).toBe(
    `dbname=postgres user=replicator passfile=${pgpassFile} host=localhost port=${a.config.postgres.port} ` +
      `sslmode=prefer application_name=b gssencmode=prefer channel_binding=prefer${negotiation}`,
  );
  expect(text).toContain("primary_slot_name = 'b'\n");
  expect(text).toContain("recovery_target_timeline = 'latest'\n");
  expect(text).toContain("recovery_target_lsn = ''\n");
  expect(readFileSync(pgpassFile, 'utf8')).toBe(`localhost:${a.config.postgres.port}:*:replicator:replicator-secret\n`);
  expect(statSync(pgpassFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dataDir, 'postgresql.auto.conf'), 'utf8')).not.toContain('primary_conninfo');
  expect(await sql(b.config.postgres, 'SHOW primary_slot_name')).toEqual([{ primary_slot_name: 'b' }]);
});

test('PG-25: a standby starts with what its primary had, and the smaller value waits for a restart', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a, { max_connections: '40' });
  expect(await sql(b.config.postgres, 'SHOW max_connections')).toEqual([{ max_connections: '50' }]);
  expect(await pendingRestart(b)).toEqual([{ name: 'max_connections', oldValue: '50', newValue: '40' }]);
});

test('PG-38: another upstream needs a reload alone', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a);
  const nowhere = { ...a.upstream(b.name), port: 1 };
  expect(await b.postgres.reconfigure(desired({ from: nowhere, as: b.name }))).toEqual({ kind: 'done' });
  await expect
    .poll(async () => {
      const { server } = await b.postgres.look(LOOK);
      return server.kind === 'standby' ? server.upstream : null;
    })
    .toMatchObject({ port: 1 });
  expect(await pendingRestart(b)).toEqual([]);
});

test('a reload of a primary never turns it into a standby, and one of a standby never into a primary', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a);
  await b.postgres.reconfigure(desired(null));
  expect(existsSync(join(b.config.postgres.dataDir, 'standby.signal'))).toBe(true);
  expect((await b.postgres.look(LOOK)).server.kind).toBe('standby');
});

test('PG-25: a standby whose primary got more connections says so when its replay waits, and a restart raises them', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a);
  const more = withParameters(desired(null), { max_connections: '60', max_worker_processes: '9' });
  expect(await a.postgres.run({ kind: 'restart', desired: more, timeout: START }, taskContext())).toEqual({
    kind: 'done',
  });
  const look = () => b.postgres.look(millis(3_000));
  const follows = desired({ from: a.upstream(b.name), as: b.name });
  const major = Number(readFileSync(join(b.config.postgres.dataDir, 'PG_VERSION'), 'utf8'));
  expect(major).toBeGreaterThanOrEqual(14);
  await expect
    .poll(async () => (await look()).server, { timeout: 30_000 })
    .toMatchObject({ replayPaused: true, insufficient: ['max_connections', 'max_worker_processes'] });

  expect(await b.postgres.run({ kind: 'restart', desired: follows, timeout: START }, taskContext())).toEqual({
    kind: 'done',
  });
  const { server } = await look();
  expect(server).toMatchObject({ kind: 'standby', replayPaused: false });
  expect(server).not.toHaveProperty('insufficient');
  expect(await sql(b.config.postgres, 'SHOW max_connections')).toEqual([{ max_connections: '60' }]);
});

test('a replay that a person paused waits for nothing', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a);
  await sql(b.config.postgres, 'SELECT pg_wal_replay_pause()');
  const { server } = await b.postgres.look(millis(3_000));
  expect(server).toMatchObject({ replayPaused: true });
  expect(server).not.toHaveProperty('insufficient');
});

test('PG-18: with a file of the operator’s own nothing is renamed, and that one is included', async () => {
  const a = await bootstrapped({ section: { custom_conf: '/dev/null' } });
  const { dataDir } = a.config.postgres;
  expect(existsSync(join(dataDir, 'postgresql.base.conf'))).toBe(false);
  expect(readFileSync(join(dataDir, 'postgresql.conf'), 'utf8')).toContain("include '/dev/null'\n");
});

test('PG-26: where another file says who may connect, pg_hba.conf is left alone', async () => {
  const a = await bootstrapped();
  const { dataDir } = a.config.postgres;
  const before = readFileSync(join(dataDir, 'pg_hba.conf'), 'utf8');
  const other = { ...withParameters(desired(null), { hba_file: '/etc/other.conf' }), hba: ['local all all reject'] };
  await a.postgres.reconfigure(other);
  expect(readFileSync(join(dataDir, 'pg_hba.conf'), 'utf8')).toBe(before);
  expect(readFileSync(join(dataDir, 'postgresql.conf'), 'utf8')).toContain("hba_file = '/etc/other.conf'");
});

test('PG-27: the group may read what is written where it may read the data directory; elsewhere the umask says', async () => {
  const a = await bootstrapped();
  const { dataDir } = a.config.postgres;
  chmodSync(dataDir, 0o750);
  await a.postgres.reconfigure(withParameters(desired(null), { work_mem: '9MB' }));
  expect(statSync(join(dataDir, 'postgresql.conf')).mode & 0o777).toBe(0o640);

  const configDir = mkdtempSync(join(tmpdir(), 'matriarch-config-'));
  const reference = join(configDir, 'reference');
  writeFileSync(reference, '');
  const b = await bootstrapped({ configDir });
  await b.postgres.reconfigure(withParameters(desired(null), { work_mem: '9MB' }));
  expect(statSync(join(configDir, 'postgresql.conf')).mode & 0o777).toBe(statSync(reference).mode & 0o777);
  rmSync(configDir, { recursive: true });
});

test('PG-30: what somebody changed past us waits for a restart, too', async () => {
  const a = await bootstrapped();
  await sql(a.config.postgres, "ALTER SYSTEM SET shared_buffers = '32MB'");
  await a.postgres.reconfigure(withParameters(desired(null), { work_mem: '9MB' }));
  await expect.poll(() => sql(a.config.postgres, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
  expect(await pendingRestart(a)).toEqual([{ name: 'shared_buffers', oldValue: '16MB', newValue: '32MB' }]);
});

test('PG-32: a parameter that was taken away leaves the file, and waits for its default', async () => {
  const a = await bootstrapped();
  const parameters: Record<string, string> = { ...desired(null).parameters, work_mem: '9MB' };
  delete parameters['shared_buffers'];
  await a.postgres.reconfigure({ ...desired(null), parameters });
  await expect.poll(() => sql(a.config.postgres, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
  const text = readFileSync(join(a.config.postgres.dataDir, 'postgresql.conf'), 'utf8');
  expect(text).not.toContain('shared_buffers');
  // What initdb wrote counts again.
  expect(await pendingRestart(a)).toEqual([{ name: 'shared_buffers', oldValue: '16MB', newValue: '128MB' }]);
});

test('names of standbys that somebody set past us give way to those that we write, and to nothing else', async () => {
  const a = await bootstrapped();
  const shown = () => sql(a.config.postgres, 'SHOW synchronous_standby_names');
  await sql(a.config.postgres, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  await a.postgres.reconfigure(withParameters(desired(null), { work_mem: '9MB' }));
  await expect.poll(shown).toEqual([{ synchronous_standby_names: 'nobody' }]);
  await a.postgres.reconfigure(withParameters(desired(null), { synchronous_standby_names: 'b' }));
  await expect.poll(shown).toEqual([{ synchronous_standby_names: 'b' }]);
});

test('what runs is the configured data directory, though the operator’s own file names another one', async () => {
  const a = await bootstrapped();
  const { dataDir } = a.config.postgres;
  await a.postgres.run({ kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null }, taskContext());
  const other = join(dataDir, '..', 'other');
  cpSync(dataDir, other, { recursive: true });
  chmodSync(other, 0o700);
  appendFileSync(join(dataDir, 'postgresql.base.conf'), `\ndata_directory = '${other}'\n`);
  const start = { kind: 'start', desired: desired(null), timeout: START } as const;
  expect(await a.postgres.run(start, taskContext())).toEqual({ kind: 'done' });
  expect((await a.postgres.look(LOOK)).process.kind).toBe('running');
  expect(existsSync(join(other, 'postmaster.pid'))).toBe(false);
});

test('a socket in a directory that is named from the data directory is found', async () => {
  const a = await member('a', { useUnixSocket: true, useUnixSocketForReplication: true, listenAddresses: '' });
  const here = withParameters(desired(null), { unix_socket_directories: '.' });
  expect(await a.postgres.run({ kind: 'bootstrap', desired: here }, taskContext())).toMatchObject({ kind: 'done' });
  expect((await a.postgres.look(LOOK)).server.kind).toBe('primary');
});

test('transactions that are serializable, or only read, unless one says otherwise, are not the agent’s', async () => {
  const ofAll = { default_transaction_isolation: 'serializable', default_transaction_read_only: 'on' };
  const a = await member('a');
  const task = { kind: 'bootstrap', desired: withParameters(desired(null), ofAll) } as const;
  expect(await a.postgres.run(task, taskContext())).toMatchObject({ kind: 'done' });
  const b = await standbyOf(a, ofAll);
  expect((await b.postgres.look(LOOK)).server.kind).toBe('standby');
  expect(await b.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext())).toEqual({ kind: 'done' });
});
