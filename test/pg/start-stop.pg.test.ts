import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { descendantsOf, isZombie, processEntry } from '../../src/adapters/postgres/process/process-table.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const START = millis(60_000);
const LOOK = millis(3_000);
const fastStop = { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null } as const;
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

async function bootstrapped(): Promise<RealMember> {
  const member = await realMember('a');
  members.push(member);
  expect(await member.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext())).toMatchObject({
    kind: 'done',
  });
  return member;
}

async function postmasterOf(member: RealMember): Promise<number> {
  const { process: found } = await member.postgres.look(LOOK);
  if (found.kind !== 'running') throw new Error(`no postmaster runs: ${found.kind}`);
  return found.pid;
}

test('PG-6, PG-7, PG-8: a postmaster has a session of its own, the controlled parameters on its command line, and nothing of the agent', async () => {
  process.env['PATRONI_SUPERUSER_PASSWORD'] = 'not for you';
  process.env['PG_MALLOC_ARENA_MAX'] = '1';
  const a = await bootstrapped();
  const pid = await postmasterOf(a);
  const [, , , session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  expect(Number(session)).toBe(pid);

  const { dataDir, port } = a.config.postgres;
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  expect(words.slice(1, 8)).toEqual([
    '-D',
    dataDir,
    `--data-directory=${dataDir}`,
    `--config-file=${dataDir}/postgresql.conf`,
    '--listen_addresses=127.0.0.1',
    `--port=${port}`,
    '--cluster_name=test',
  ]);
  expect(words.join(' ')).not.toContain('wal_keep_size');

  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  expect(environment).toContain('MALLOC_ARENA_MAX=1');
  expect(environment.filter((each) => each.startsWith('PATRONI_'))).toEqual([]);
});

test('PG-8: a server survives the agent that started it, and the next agent finds it', async () => {
  const a = await bootstrapped();
  await a.postgres.run(fastStop, taskContext());
  const program = join(import.meta.dirname, '../support/postgres-starter-process.ts');
  // A session of its own, so that the kill below reaches everything that shares its process group.
  const agent = spawn(process.execPath, [program, JSON.stringify(a.config)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = await once(agent.stdout.setEncoding('utf8'), 'data');
  expect(JSON.parse(String(said))).toEqual({ kind: 'done' });
  process.kill(-(agent.pid ?? 0), 'SIGKILL');
  await once(agent, 'exit');

  const report = await a.postgres.look(LOOK);
  expect(report).toMatchObject({ process: { kind: 'running' }, server: { kind: 'primary' } });
  if (report.process.kind === 'running') expect(processEntry(report.process.pid)?.parent).not.toBe(agent.pid);
});

test('a start that fails says what the server said', async () => {
  const a = await bootstrapped();
  await a.postgres.run(fastStop, taskContext());
  const broken = desired(null);
  const task = {
    kind: 'start',
    desired: { ...broken, parameters: { ...broken.parameters, shared_preload_libraries: 'nosuchlibrary' } },
    timeout: START,
  } as const;
  expect(await a.postgres.run(task, taskContext())).toMatchObject({
    kind: 'failed',
    detail: expect.stringContaining('nosuchlibrary'),
  });
  expect((await a.postgres.look(LOOK)).process).toEqual({ kind: 'none' });
});

test('PG-3, PG-4: a stale pid file that names a living stranger does not prevent a start', async () => {
  const a = await bootstrapped();
  const { dataDir, port } = a.config.postgres;
  const pidFile = join(dataDir, 'postmaster.pid');
  await a.postgres.run(fastStop, taskContext());
  const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
  try {
    writeFileSync(pidFile, `${stranger.pid ?? 0}\n${dataDir}\n1000000000\n${port}\n/tmp\nlocalhost\n`);
    expect((await a.postgres.look(LOOK)).process).toEqual({ kind: 'none' });
    expect(await a.postgres.run({ kind: 'start', desired: desired(null), timeout: START }, taskContext())).toEqual({
      kind: 'done',
    });
    expect(stranger.exitCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a postmaster that nobody reaps does not prevent a start', async () => {
  const a = await bootstrapped();
  const { dataDir, port } = a.config.postgres;
  await a.postgres.run(fastStop, taskContext());
  // Its parent becomes another program, which never waits for it, and only then it ends.
  const script = 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 600';
  const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(said.toString());
    await expect.poll(() => readFileSync(`/proc/${parent.pid ?? 0}/comm`, 'utf8')).toBe('sleep\n');
    parent.stdin.end();
    await expect.poll(() => isZombie(zombie)).toBe(true);
    writeFileSync(join(dataDir, 'postmaster.pid'), `${zombie}\n${dataDir}\n1000000000\n${port}\n/tmp\nlocalhost\n`);
    const start = { kind: 'start', desired: desired(null), timeout: START } as const;
    expect(await a.postgres.run(start, taskContext())).toEqual({ kind: 'done' });
  } finally {
    parent.kill('SIGKILL');
  }
});

test('the lock of its socket that a killed postmaster leaves does not prevent a start, whoever has its number now', async () => {
  const a = await bootstrapped();
  const { dataDir, port } = a.config.postgres;
  await a.postgres.run(fastStop, taskContext());
  // No child of the postmaster's parent, which it would not mind.
  const [said] = (await once(spawn('sh', ['-c', 'sleep 600 >/dev/null & echo $!']).stdout, 'data')) as [Buffer];
  const stranger = Number(said.toString());
  const lock = join(tmpdir(), `.s.PGSQL.${port}.lock`);
  const locked = (directory: string): void => {
    writeFileSync(lock, `${stranger}\n${directory}\n1000000000\n${port}\n${tmpdir()}\n`);
  };
  const start = { kind: 'start', desired: desired(null), timeout: START } as const;
  try {
    locked(dataDir);
    expect(await a.postgres.run(start, taskContext())).toEqual({ kind: 'done' });
    await a.postgres.run(fastStop, taskContext());

    locked('/of/another/server');
    expect(await a.postgres.run(start, taskContext())).toMatchObject({ kind: 'failed' });
  } finally {
    rmSync(lock, { force: true });
    process.kill(stranger, 'SIGKILL');
  }
});

test('a frozen postmaster is ended, with everything below it, when its time is over', async () => {
  const a = await bootstrapped();
  const pid = await postmasterOf(a);
  const children = descendantsOf(pid).map((entry) => entry.pid);
  process.kill(pid, 'SIGSTOP');
  const task = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: millis(300) } as const;
  expect(await a.postgres.run(task, taskContext())).toEqual({ kind: 'done' });
  expect([pid, ...children].filter((each) => processEntry(each) !== null)).toEqual([]);
});

test('PG-14: a stop that waits for ever can be cancelled', async () => {
  const a = await bootstrapped();
  const pid = await postmasterOf(a);
  process.kill(pid, 'SIGSTOP');
  const cancel = new AbortController();
  const stopping = a.postgres.run(
    { ...fastStop, checkpointFirst: false },
    taskContext({ signal: cancel.signal, progress: () => cancel.abort() }),
  );
  expect(await stopping).toEqual({ kind: 'cancelled' });
  process.kill(pid, 'SIGCONT');
});

test('a checkpoint that is cancelled while it connects is not waited for', async () => {
  const a = await bootstrapped();
  const [row] = await sql(a.config.postgres, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
  const checkpointer = Number(row?.['pid']);
  process.kill(checkpointer, 'SIGSTOP');
  try {
    const cancel = new AbortController();
    const running = a.postgres.checkpoint(cancel.signal);
    cancel.abort();
    expect(await running).toEqual({ kind: 'cancelled' });
  } finally {
    process.kill(checkpointer, 'SIGCONT');
  }
}, 30_000);

test('a start that is cancelled leaves nothing behind', async () => {
  const a = await bootstrapped();
  await a.postgres.run(fastStop, taskContext());
  const cancel = new AbortController();
  const hanging = standbyThatWaitsForItsArchive();
  const starting = a.postgres.run(
    { kind: 'start', desired: hanging, timeout: START },
    taskContext({ signal: cancel.signal }),
  );
  await expect.poll(async () => (await a.postgres.look(LOOK)).server.kind, { timeout: 20_000 }).toBe('rejecting');
  cancel.abort();
  expect(await starting).toEqual({ kind: 'cancelled' });
  expect((await a.postgres.look(LOOK)).process).toEqual({ kind: 'none' });
});

test('a start that takes longer than its time has failed, and goes on', async () => {
  const a = await bootstrapped();
  await a.postgres.run(fastStop, taskContext());
  const outcome = await a.postgres.run(
    { kind: 'start', desired: standbyThatWaitsForItsArchive(), timeout: millis(500) },
    taskContext(),
  );
  expect(outcome).toMatchObject({ kind: 'failed' });
  expect(await a.postgres.look(LOOK)).toMatchObject({ process: { kind: 'running' }, server: { kind: 'rejecting' } });
});

test('the data of symbolic links is removed with the data directory', async () => {
  const a = await bootstrapped();
  const space = join(a.config.postgres.dataDir, '..', 'space');
  mkdirSync(space);
  await sql(a.config.postgres, `CREATE TABLESPACE elsewhere LOCATION '${space}'`);
  await sql(a.config.postgres, 'CREATE TABLE t TABLESPACE elsewhere AS SELECT 1');
  await a.postgres.run(fastStop, taskContext());
  expect(await a.postgres.run({ kind: 'remove-data', allowedBy: 'test' }, taskContext())).toEqual({ kind: 'done' });
  expect(readdirSync(space)).toEqual([]);
  expect(readdirSync(a.config.postgres.dataDir)).toEqual([]);
});

test('PG-65: what a dead server still had to archive is archived before its crash recovery', async () => {
  const a = await bootstrapped();
  const { dataDir } = a.config.postgres;
  const archive = join(dataDir, '..', 'archive');
  const archiving = (command: string) => {
    const base = desired(null);
    return { ...base, parameters: { ...base.parameters, archive_mode: 'on', archive_command: command } };
  };
  await a.postgres.run({ kind: 'restart', desired: archiving('false'), timeout: START }, taskContext());
  await sql(a.config.postgres, 'CREATE TABLE t AS SELECT 1');
  await sql(a.config.postgres, 'SELECT pg_switch_wal()');
  await a.postgres.run({ kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null }, taskContext());

  mkdirSync(archive);
  await a.postgres.reconfigure(archiving(`cp %p ${archive}/%f`));
  expect(await a.postgres.run({ kind: 'crash-recovery' }, taskContext())).toEqual({ kind: 'done' });
  expect(readdirSync(archive)).not.toEqual([]);
  expect((await a.postgres.look(LOOK)).dataDirectory).toMatchObject({ control: { state: 'shut down' } });
});

/** It asks its archive first, and the archive never answers. */
function standbyThatWaitsForItsArchive() {
  return { ...desired(null), standby: { upstream: null, slot: null, recovery: { restore_command: 'sleep 600' } } };
}

test('a copy into an empty directory that others may enter is closed to them, and starts', async () => {
  const a = await bootstrapped();
  const b = await realMember('b');
  members.push(b);
  const { dataDir } = b.config.postgres;
  mkdirSync(dataDir);
  chmodSync(dataDir, 0o755);
  const from = a.upstream(b.name);
  const clone = { kind: 'clone', from, methods: [{ kind: 'basebackup', options: [] }], patience: seconds(10) } as const;
  expect(await b.postgres.run(clone, taskContext())).toEqual({ kind: 'done' });
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  const standby = { ...desired(null), standby: { upstream: null, slot: null, recovery: {} } };
  expect(await b.postgres.run({ kind: 'start', desired: standby, timeout: START }, taskContext())).toEqual({
    kind: 'done',
  });
});
