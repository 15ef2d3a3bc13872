import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
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

async function member(name: string): Promise<RealMember> {
  const made = await realMember(name);
  members.push(made);
  return made;
}

async function bootstrapped(): Promise<RealMember> {
  const a = await member('a');
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

test('the original configuration is renamed once, and the files are ours alone to read', async () => {
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

test('a reload takes what it can, and says what waits for a restart', async () => {
  const a = await bootstrapped();
  const changed = { work_mem: '9MB', shared_buffers: '24MB', max_connections: '60', nosuch: '1' };
  expect(await a.postgres.reconfigure(withParameters(desired(null), changed))).toEqual({ kind: 'done' });
  await expect.poll(() => sql(a.config.postgres, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
  expect(await pendingRestart(a)).toEqual([
    { name: 'max_connections', oldValue: '50', newValue: '60' },
    { name: 'shared_buffers', oldValue: '16MB', newValue: '24MB' },
  ]);
  const restart = { kind: 'restart', desired: withParameters(desired(null), changed), timeout: START } as const;
  expect(await a.postgres.run(restart, taskContext())).toEqual({ kind: 'done' });
  expect(await pendingRestart(a)).toEqual([]);
});

test('a standby follows its upstream with its slot, its password in a file and recovery leftovers removed', async () => {
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

test('a standby starts with what its primary had, and the smaller value waits for a restart', async () => {
  const a = await bootstrapped();
  const b = await standbyOf(a, { max_connections: '40' });
  expect(await sql(b.config.postgres, 'SHOW max_connections')).toEqual([{ max_connections: '50' }]);
  expect(await pendingRestart(b)).toEqual([{ name: 'max_connections', oldValue: '50', newValue: '40' }]);
});

test('another upstream needs a reload alone', async () => {
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
