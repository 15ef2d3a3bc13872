/**
 * An agent, or an agent with its tools, is killed in the midst of each kind of work, at many points; the next agent must
 * find a directory that it can go on from by what the configuration allows, and that holds what was promised.
 * `./run test --long` kills 200 times.
 */
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgres } from '../../src/adapters/postgres/create-postgres.ts';
import type { DataDirectory, PostgresReport } from '../../src/domain/postgres-report.ts';
import type { TaskOutcome } from '../../src/domain/task.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import type { Postgres } from '../../src/ports/postgres.ts';
import { doWork, type Victims } from '../support/killed-work.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, silentLog, taskContext, testClock } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';
import type { Work } from '../support/task-process.ts';

const KILLS_PER_KIND = process.env['MATRIARCH_TEST_LONG'] === '1' ? 40 : 3;
const minutes = 60_000;
const START = millis(60_000);
const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: seconds(30) } as const;
const methods = [{ kind: 'basebackup', options: [] }] as const;
const patience = seconds(10);

/** The leader of timeline 2, and a directory of the primary before it, which wrote on alone and was stopped. */
let leader: RealMember;
let former: RealMember;
const parted = (): string => `${former.config.postgres.dataDir}.template`;

beforeAll(async () => {
  becomeOrdinaryUser();
  former = await realMember('former');
  leader = await realMember('leader');
  await former.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  await sql(former.config.postgres, 'CREATE TABLE promised AS SELECT generate_series(1, 20000) AS x');
  const from = former.upstream(leader.name);
  await leader.postgres.run({ kind: 'clone', from, methods, patience }, taskContext());
  const alone = {
    // Each copy begins another segment, and what is rewound needs the WAL from the parting on.
    parameters: { ...desired(null).parameters, wal_keep_size: '4GB' },
    hba: desired(null).hba,
    ident: null,
    standby: { upstream: null, slot: null, recovery: {} },
  };
  await leader.postgres.run({ kind: 'start', desired: alone, timeout: START }, taskContext());
  await leader.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext());
  await sql(leader.config.postgres, 'CHECKPOINT');
  await sql(leader.config.postgres, 'CREATE TABLE of_leader (x int)');
  await sql(former.config.postgres, 'CREATE TABLE of_former AS SELECT generate_series(1, 20000) AS x');
  await former.postgres.run(stop, taskContext());
  cpSync(former.config.postgres.dataDir, parted(), { recursive: true });
}, 5 * minutes);

afterAll(async () => {
  rmSync(parted(), { recursive: true, force: true });
  await former.end();
  await leader.end();
});

/** The next agent, which knows nothing but what it finds. */
async function nextLife(member: RealMember): Promise<{ readonly postgres: Postgres; readonly found: PostgresReport }> {
  const serverOutput = { kind: 'file', path: member.logFile } as const;
  const postgres = createPostgres({ config: member.config, clock: testClock, log: silentLog, serverOutput });
  const found = await postgres.look(millis(5_000));
  if (found.process.kind === 'orphaned') {
    expect(await postgres.run({ kind: 'end-orphans' }, taskContext())).toEqual({ kind: 'done' });
  }
  return { postgres, found };
}

/** `heal` is told what the killed agent left; it says what came of it for the summary. */
async function killAtManyPoints(
  member: RealMember,
  kind: string,
  {
    prepare,
    work,
    heal,
  }: {
    readonly prepare: () => Promise<void> | void;
    readonly work: () => Work;
    readonly heal: (postgres: Postgres, found: PostgresReport) => Promise<void>;
  },
): Promise<number> {
  await prepare();
  const whole = await doWork(member, work(), { killAfterMs: null });
  expect(whole).toMatchObject({ kind: 'ended', outcome: { kind: 'done' } });
  const tookMs = whole.kind === 'ended' ? whole.tookMs : 0;
  let killed = 0;
  for (let at = 0; at < KILLS_PER_KIND; at += 1) {
    await prepare();
    const victims: Victims = at % 2 === 0 ? 'agent' : 'agent and tools';
    const killAfterMs = ((at + 0.5) / KILLS_PER_KIND) * tookMs;
    const end = await doWork(member, work(), { killAfterMs, victims });
    if (end.kind === 'killed') killed += 1;
    const { postgres, found } = await nextLife(member);
    await heal(postgres, found).catch((error: unknown) => {
      const left = `${describe(found.dataDirectory)}, ${found.process.kind}`;
      const log = readFileSync(member.logFile, 'utf8').split('\n').slice(-40).join('\n');
      const what = `${kind}, ${victims} killed after ${String(Math.round(killAfterMs))} ms, leaving ${left}`;
      throw new Error(`${what}; the server says at last:\n${log}`, { cause: error });
    });
    await postgres.run(stop, taskContext());
    await postgres.close();
  }
  console.log(`${kind}: ${String(killed)} of ${String(KILLS_PER_KIND)} were killed before their end, all healed`);
  return killed;
}

function describe(directory: DataDirectory): string {
  if (directory.kind !== 'present') return directory.kind;
  return directory.isHalfRewound === true ? 'half rewound' : `present, signal ${directory.signal}`;
}

function restored(member: RealMember): void {
  rmSync(member.config.postgres.dataDir, { recursive: true, force: true });
  cpSync(parted(), member.config.postgres.dataDir, { recursive: true });
  for (const mark of ['.rewinding', '.unfinished']) rmSync(`${member.config.postgres.dataDir}${mark}`, { force: true });
}

function removed(member: RealMember): void {
  for (const mark of ['', '.rewinding', '.unfinished'])
    rmSync(`${member.config.postgres.dataDir}${mark}`, { recursive: true, force: true });
}

async function followsWithAll(member: RealMember, postgres: Postgres): Promise<void> {
  const wanted = { ...desired({ from: leader.upstream(member.name), as: member.name }) };
  const withoutSlot = { ...wanted, standby: wanted.standby === null ? null : { ...wanted.standby, slot: null } };
  const started = await postgres.run({ kind: 'start', desired: withoutSlot, timeout: START }, taskContext());
  expect(started).toEqual({ kind: 'done' });
  await expect.poll(() => tables(member), { timeout: 30_000 }).toEqual(['of_leader', 'promised']);
  expect(await sql(member.config.postgres, 'SELECT count(*)::int AS rows FROM promised')).toEqual([{ rows: 20_000 }]);
}

async function tables(member: RealMember): Promise<readonly unknown[]> {
  const rows = await sql(
    member.config.postgres,
    "SELECT relname FROM pg_class WHERE relname ~ '^(of_|promised)' ORDER BY 1",
  );
  return rows.map((row): unknown => row['relname']);
}

test('a bootstrap', { timeout: 30 * minutes }, async () => {
  const member = await realMember('made');
  const work = { kind: 'bootstrap', desired: desired(null) } as const;
  const killed = await killAtManyPoints(member, 'bootstrap', {
    prepare: async () => {
      await member.postgres.run(stop, taskContext());
      removed(member);
    },
    work: () => work,
    heal: async (postgres, found) => {
      // A cluster that is not whole must not look like one: whoever finds it would register it.
      if (found.dataDirectory.kind === 'present')
        expect(existsSync(`${member.config.postgres.dataDir}.unfinished`)).toBe(false);
      else {
        if (found.process.kind === 'running') await postgres.run({ ...stop, mode: 'immediate' }, taskContext());
        expect(await postgres.run(work, taskContext())).toMatchObject({ kind: 'done' });
      }
      if ((await postgres.look(millis(5_000))).process.kind === 'none')
        await postgres.run({ kind: 'start', desired: desired(null), timeout: START }, taskContext());
      const roles = await sql(
        member.config.postgres,
        "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1",
      );
      expect(roles.map((row): unknown => row['rolname'])).toEqual(['postgres', 'replicator', 'rewinder']);
    },
  });
  expect(killed).toBeGreaterThan(0);
  await member.end();
});

test('a copy', { timeout: 30 * minutes }, async () => {
  const member = await realMember('copied');
  const work = { kind: 'clone', from: leader.upstream(member.name), methods, patience } as const;
  const killed = await killAtManyPoints(member, 'copy', {
    prepare: () => removed(member),
    work: () => work,
    heal: async (postgres, found) => {
      if (found.dataDirectory.kind !== 'present') {
        expect(await postgres.run(work, taskContext())).toEqual({ kind: 'done' });
      }
      await followsWithAll(member, postgres);
    },
  });
  expect(killed).toBeGreaterThan(0);
  await member.end();
});

test('a rewind: the directory is never lost, and never taken for whole before it is', {
  timeout: 30 * minutes,
}, async () => {
  const from = leader.upstream(former.name);
  const work = { kind: 'rewind', from, options: [], patience } as const;
  const killed = await killAtManyPoints(former, 'rewind', {
    prepare: () => restored(former),
    work: () => work,
    heal: async (postgres, found) => {
      expect(found.dataDirectory.kind).toBe('present');
      const isWhole = existsSync(join(former.config.postgres.dataDir, 'standby.signal'));
      const again = isWhole ? { kind: 'done' } : await postgres.run(work, taskContext());
      // What pg_rewind cannot mend a second time is still marked, and is copied where the configuration allows that.
      if (again.kind !== 'done') {
        const { dataDirectory } = await postgres.look(millis(5_000));
        expect(dataDirectory).toMatchObject({ kind: 'present', isHalfRewound: true });
        expect(await postgres.run({ kind: 'clone', from, methods, patience }, taskContext())).toEqual({ kind: 'done' });
      }
      await followsWithAll(former, postgres);
    },
  });
  expect(killed).toBeGreaterThan(0);
});

async function startedAnew(postgres: Postgres): Promise<TaskOutcome> {
  const { process: server } = await postgres.look(millis(5_000));
  if (server.kind === 'running') await postgres.run(stop, taskContext());
  return postgres.run({ kind: 'start', desired: desired(null), timeout: START }, taskContext());
}

test('a restart, and a change of the configuration: the server comes back with all that it promised', {
  timeout: 30 * minutes,
}, async () => {
  const member = await realMember('served');
  await member.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  await sql(member.config.postgres, 'CREATE TABLE promised AS SELECT generate_series(1, 20000) AS x');
  let memory = 0;
  const changed = () => ({
    ...desired(null),
    parameters: { ...desired(null).parameters, work_mem: `${String((memory += 1) + 100)}kB` },
  });
  const up = async (): Promise<void> => {
    if ((await member.postgres.look(millis(5_000))).process.kind === 'none')
      await member.postgres.run({ kind: 'start', desired: desired(null), timeout: START }, taskContext());
  };
  const heal = async (postgres: Postgres, found: PostgresReport): Promise<void> => {
    expect(found.dataDirectory.kind).toBe('present');
    await expect
      .poll(async () => (await postgres.look(millis(5_000))).process.kind, { timeout: 30_000 })
      .not.toBe('orphaned');
    const conf = readFileSync(join(member.config.postgres.dataDir, 'postgresql.conf'), 'utf8');
    expect(conf).toMatch(/^# Do not edit[^]*ident_file = '[^']*'\n$/);
    // A postmaster that was spawned a moment before the kill may be there a moment after the first look.
    await expect.poll(() => startedAnew(postgres), { timeout: 30_000 }).toEqual({ kind: 'done' });
    expect(await sql(member.config.postgres, 'SELECT count(*)::int AS rows FROM promised')).toEqual([{ rows: 20_000 }]);
  };
  const killed = await killAtManyPoints(member, 'restart', {
    prepare: up,
    work: () => ({ kind: 'restart', desired: desired(null), timeout: START }),
    heal,
  });
  await killAtManyPoints(member, 'configuration', {
    prepare: up,
    work: () => ({ kind: 'reconfigure', desired: changed() }),
    heal,
  });
  // A change of the files takes so little time that a kill often comes after it.
  expect(killed).toBeGreaterThan(0);
  await member.end();
});

test('where nothing can be written the work says so, and what was there stays', async () => {
  const member = await realMember('closed');
  await member.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  await member.postgres.run(stop, taskContext());
  const { dataDir } = member.config.postgres;
  const before = readFileSync(join(dataDir, 'postgresql.conf'), 'utf8');
  const wanted = { ...desired(null), parameters: { ...desired(null).parameters, work_mem: '9MB' } };
  chmodSync(dataDir, 0o500);
  const { mode } = statSync(dataDir);
  const outcomes = [
    await member.postgres.reconfigure(wanted),
    await member.postgres.run({ kind: 'start', desired: wanted, timeout: START }, taskContext()),
  ];
  chmodSync(dataDir, 0o700);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/permission/i) });
  expect(mode & 0o777).toBe(0o500);
  expect(readFileSync(join(dataDir, 'postgresql.conf'), 'utf8')).toBe(before);
  expect(await member.postgres.run({ kind: 'start', desired: wanted, timeout: START }, taskContext())).toEqual({
    kind: 'done',
  });
  await member.end();
});

test('where no file may grow any more, like on a full disk, a copy and a bootstrap fail and leave nothing that counts', async () => {
  const member = await realMember('full');
  const clone = { kind: 'clone', from: leader.upstream(member.name), methods, patience } as const;
  const bootstrap = { kind: 'bootstrap', desired: desired(null) } as const;
  for (const work of [clone, bootstrap]) {
    const end = await doWork(member, work, { killAfterMs: null, fileSizeMax: 1_000_000 });
    expect(end).toMatchObject({ kind: 'ended', outcome: { kind: 'failed' } });
    const { postgres, found } = await nextLife(member);
    expect(found.dataDirectory.kind).toBe('empty');
    await postgres.close();
  }
  await member.end();
});
