import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CustomBootstrap, customBootstrap } from '../../src/domain/custom-bootstrap.ts';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

let folder = '';
const members: RealMember[] = [];
beforeAll(async () => {
  becomeOrdinaryUser();
  folder = mkdtempSync(join(tmpdir(), 'matriarch-custom-'));
  await makeBackup();
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

const backup = (): string => join(folder, 'backup');
const archive = (): string => join(folder, 'archive');
const stop = { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null } as const;

/** A stopped copy with one row, and an archive in which a second one comes before the restore point and a third after it. */
async function makeBackup(): Promise<void> {
  mkdirSync(archive());
  const a = await realMember('a');
  const archiving = { archive_mode: 'on', archive_command: `cp %p ${archive()}/%f` };
  const wanted = { ...desired(null), parameters: { ...desired(null).parameters, ...archiving } };
  await a.postgres.run({ kind: 'bootstrap', desired: wanted }, taskContext());
  const { postgres } = a.config;
  await sql(postgres, 'CREATE TABLE told (x int)');
  await sql(postgres, 'INSERT INTO told VALUES (1)');
  const copy = await realMember('copy', { dataDir: backup(), configDir: backup() });
  const methods = [{ kind: 'basebackup', options: [] }] as const;
  await copy.postgres.run(
    { kind: 'clone', from: a.upstream(copy.name), methods, patience: seconds(10) },
    taskContext(),
  );
  await sql(postgres, 'INSERT INTO told VALUES (2)');
  await sql(postgres, "SELECT pg_create_restore_point('here')");
  await sql(postgres, 'INSERT INTO told VALUES (3)');
  await sql(postgres, 'SELECT pg_switch_wal()');
  // An orderly stop waits until everything is archived.
  await a.postgres.run(stop, taskContext());
  await a.end();
  await copy.postgres.close();
}

function method(section: JsonObject, after = ''): CustomBootstrap {
  const path = join(folder, `restore-${readdirSync(folder).length}`);
  const text = `#!/bin/bash
printf '%s\\n' "$@" > ${path}.said
for each; do case $each in --datadir=*) dir=\${each#*=};; esac; done
cp -r ${backup()}/. "$dir" && rm "$dir/standby.signal" && cd "$dir" || exit 2
${after}`;
  writeFileSync(path, text, { mode: 0o755 });
  const made = customBootstrap('pitr', { command: `${path} mine`, ...section });
  if (made === null) throw new Error('it has a command');
  return made;
}

async function member(custom: CustomBootstrap): Promise<RealMember> {
  const made = await realMember('b', {}, { custom });
  members.push(made);
  return made;
}

const closed: DesiredPostgres = { ...desired(null), hba: ['host all all all scram-sha-256'] };

/** What is seen in the files when the server is launched. */
async function restore(b: RealMember, wanted: DesiredPostgres) {
  const { dataDir } = b.config.postgres;
  let seen = { hba: '', conf: '', names: [] as readonly string[] };
  const look = (note: string): void => {
    if (!note.startsWith('postmaster') || seen.hba !== '') return;
    const read = (name: string): string => readFileSync(join(dataDir, name), 'utf8');
    seen = { hba: read('pg_hba.conf'), conf: read('postgresql.conf'), names: readdirSync(dataDir) };
  };
  const outcome = await b.postgres.run({ kind: 'bootstrap', desired: wanted }, taskContext({ progress: look }));
  return { outcome, ...seen };
}

function rows(b: RealMember): Promise<unknown> {
  return sql(b.config.postgres, 'SELECT x FROM told ORDER BY x');
}

test('PG-48: a cluster is restored to a point in time; until then nobody else gets in, then it is as configured', async () => {
  const recovery_conf = {
    restore_command: `cp ${archive()}/%f %p`,
    recovery_target_name: 'here',
    recovery_target_action: 'promote',
  };
  const b = await member(method({ recovery_conf }));
  const { outcome, hba, conf, names } = await restore(b, closed);
  expect(outcome).toMatchObject({ kind: 'done', systemId: expect.stringMatching(/^\d+$/) });

  const lines = hba.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBeGreaterThan(2);
  expect(
    lines.filter((line) => !/^(local|host)\t(replication\t"replicator"|all\t"postgres")\t.*trust$/.test(line)),
  ).toEqual([]);
  expect(conf).toContain("hot_standby = 'off'");
  expect(conf).toContain("recovery_target_name = 'here'");
  expect(names).toContain('recovery.signal');

  expect(await rows(b)).toEqual([{ x: 1 }, { x: 2 }]);
  const { dataDir } = b.config.postgres;
  expect(readFileSync(join(dataDir, 'pg_hba.conf'), 'utf8')).toContain('host all all all scram-sha-256');
  expect(readFileSync(join(dataDir, 'postgresql.conf'), 'utf8')).toContain("\nrecovery_target_name = ''\n");
  expect(existsSync(join(dataDir, 'recovery.signal'))).toBe(false);
  expect(existsSync(`${dataDir}.unfinished`)).toBe(false);
  expect(await sql(b.config.postgres, 'SHOW hot_standby')).toEqual([{ hot_standby: 'on' }]);
  expect((await b.postgres.look(millis(3_000))).server).toMatchObject({ kind: 'primary', timeline: 2 });
});

test('what its own command wrote for recovery is kept', async () => {
  const own = `{ echo "restore_command = 'cp ${archive()}/%f %p'"; echo "recovery_target_name = 'here'"
echo "recovery_target_action = 'promote'"; } >> postgresql.auto.conf; touch recovery.signal`;
  const b = await member(method({ keep_existing_recovery_conf: true }, own));
  expect((await restore(b, closed)).outcome).toMatchObject({ kind: 'done' });
  expect(await rows(b)).toEqual([{ x: 1 }, { x: 2 }]);
});

test('without either it is opened as it was backed up, and a pg_hba.conf that is nobody’s comes back', async () => {
  const b = await member(method({}, 'echo "local all restored trust" >> pg_hba.conf'));
  expect((await restore(b, { ...closed, hba: null })).outcome).toMatchObject({ kind: 'done' });
  expect(await rows(b)).toEqual([{ x: 1 }]);
  expect(readFileSync(join(b.config.postgres.dataDir, 'pg_hba.conf'), 'utf8')).toContain('local all restored trust');
});

test('PG-47: it is told the place and its own settings', async () => {
  const b = await member(method({ arg1: 'x y' }, 'exit 3'));
  const outcome = await b.postgres.run({ kind: 'bootstrap', desired: closed }, taskContext());
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'custom bootstrap method pitr: exit code 3' });
  const [path = ''] = (b.config.bootstrap?.custom?.command ?? '').split(' ');
  expect(readFileSync(`${path}.said`, 'utf8')).toBe(
    `mine\n--scope=test\n--datadir=${b.config.postgres.dataDir}\n--arg1=x y\n`,
  );
  expect((await b.postgres.look(millis(3_000))).dataDirectory).toEqual({ kind: 'empty', unfinished: true });
});

test('a recovery that waits for WAL that never comes is ended when it is cancelled', async () => {
  const recovery_conf = { restore_command: 'sleep 600', recovery_target_action: 'promote' };
  const b = await member(method({ recovery_conf }));
  const cancel = new AbortController();
  const progress = (note: string): void => {
    if (note.startsWith('postmaster')) cancel.abort();
  };
  const running = b.postgres.run(
    { kind: 'bootstrap', desired: closed },
    taskContext({ progress, signal: cancel.signal }),
  );
  expect(await running).toEqual({ kind: 'cancelled' });
  expect((await b.postgres.look(millis(3_000))).process).toEqual({ kind: 'none' });
});
