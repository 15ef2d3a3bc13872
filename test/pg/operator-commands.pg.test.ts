import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { processEntry } from '../../src/adapters/postgres/process/process-table.ts';
import type { CallbackAction, CallbackRole } from '../../src/domain/callback.ts';
import { parseLsn } from '../../src/domain/lsn.ts';
import type { TaskScripts } from '../../src/domain/task.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';
import { until } from '../support/wait.ts';

let folder = '';
const members: RealMember[] = [];
beforeAll(() => {
  becomeOrdinaryUser();
  folder = mkdtempSync(join(tmpdir(), 'matriarch-commands-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

const start = { kind: 'start', timeout: millis(60_000) } as const;
const fastStop = { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null } as const;
const LOOK = millis(3_000);

async function member(): Promise<RealMember> {
  const made = await realMember('a');
  members.push(made);
  return made;
}

async function primary(): Promise<RealMember> {
  const a = await member();
  await a.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  return a;
}

async function standby(): Promise<RealMember> {
  const a = await primary();
  await a.postgres.run(fastStop, taskContext());
  const alone = { ...desired(null), standby: { upstream: null, slot: null, recovery: {} } };
  await a.postgres.run({ ...start, desired: alone }, taskContext());
  return a;
}

let scriptCount = 0;
function script(text: string): string {
  scriptCount += 1;
  const path = join(folder, `script-${scriptCount}`);
  writeFileSync(path, `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  return path;
}

function scripts(given: Partial<TaskScripts>): { readonly scripts: TaskScripts } {
  return { scripts: { beforeStop: null, prePromote: null, ...given } };
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function roleOf(a: RealMember): Promise<string> {
  return (await a.postgres.look(LOOK)).server.kind;
}

test('PG-55: a pre_promote that fails keeps the server a standby, and says why', async () => {
  const a = await standby();
  const prePromote = script('echo "not today" >&2; exit 1');
  const milestones: string[] = [];
  const outcome = await a.postgres.run(
    { kind: 'promote', safety: millis(1_000) },
    taskContext({ ...scripts({ prePromote }), reached: (each) => milestones.push(each) }),
  );
  expect(outcome).toMatchObject({ kind: 'refused', vetoed: true, reason: expect.stringContaining('not today') });
  expect(milestones).toEqual([]);
  expect(await roleOf(a)).toBe('standby');
});

test('CC34: a promotion that is cancelled while pre_promote runs ends that command, and nothing is promoted', async () => {
  const a = await standby();
  const pidFile = join(folder, 'pre-promote.pid');
  const cancel = new AbortController();
  const prePromote = script(`echo $$ > ${pidFile}; exec sleep 600`);
  const running = a.postgres.run(
    { kind: 'promote', safety: millis(1_000) },
    taskContext({ ...scripts({ prePromote }), signal: cancel.signal }),
  );
  await until('the command', { withinMs: 30_000 }, () => textOf(pidFile) !== '');
  cancel.abort();
  expect(await running).toMatchObject({ kind: 'refused' });
  expect(processEntry(Number(textOf(pidFile)))).toBeNull();
  expect(await roleOf(a)).toBe('standby');
});

test('what an operator’s command leaves running is not waited for', async () => {
  const a = await standby();
  const pidFile = join(folder, 'left.pid');
  const leaving = script(`sleep 600 & echo $! >> ${pidFile}`);
  const context = taskContext(scripts({ prePromote: leaving, beforeStop: leaving }));
  try {
    expect(await a.postgres.run({ kind: 'promote', safety: millis(1_000) }, context)).toEqual({ kind: 'done' });
    expect(await a.postgres.run(fastStop, context)).toEqual({ kind: 'done' });
    const left = textOf(pidFile).trim().split('\n').map(Number);
    expect(left.map((pid) => processEntry(pid) !== null)).toEqual([true, true]);
  } finally {
    for (const pid of textOf(pidFile).trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
  }
});

test('PG-56: that a promotion was asked for is said before the server is a primary', async () => {
  const a = await standby();
  const milestones: string[] = [];
  const outcome = await a.postgres.run(
    { kind: 'promote', safety: millis(1_000) },
    taskContext({ ...scripts({ prePromote: script('exit 0') }), reached: (each) => milestones.push(each) }),
  );
  expect(outcome).toEqual({ kind: 'done' });
  expect(milestones).toEqual(['promotion-asked']);
});

test('PG-11: a fast stop checkpoints, then calls before_stop while the server still serves, then stops', async () => {
  const a = await primary();
  const seen = join(folder, 'seen');
  const { dataDirectory } = await a.postgres.look(LOOK);
  const before = dataDirectory.kind === 'present' ? (dataDirectory.control?.checkpointLsn ?? null) : null;
  await sql(a.config.postgres, 'CREATE TABLE written (x int)');
  const beforeStop = script(`pg=${a.config.postgres.dataDir}; head -1 $pg/postmaster.pid > ${seen}
${join(a.config.postgres.binDir, 'pg_controldata')} $pg | sed -n 's/^Latest checkpoint location: *//p' >> ${seen}`);
  expect(await a.postgres.run(fastStop, taskContext(scripts({ beforeStop })))).toEqual({ kind: 'done' });
  const [pid, checkpoint] = textOf(seen).split('\n');
  expect(Number(pid)).toBeGreaterThan(0);
  expect(parseLsn(checkpoint ?? '')).toBeGreaterThan(before ?? parseLsn('F/0') ?? 0n);
  expect(await roleOf(a)).toBe('down');
});

test('PG-12: the word of before_stop changes nothing', async () => {
  const a = await primary();
  const context = taskContext(scripts({ beforeStop: script('exit 1') }));
  expect(await a.postgres.run(fastStop, context)).toEqual({ kind: 'done' });
  expect(await roleOf(a)).toBe('down');
});

test('a before_stop that hangs gets no more time than the stop', async () => {
  const a = await primary();
  const context = taskContext(scripts({ beforeStop: script('exec sleep 600') }));
  expect(await a.postgres.run({ ...fastStop, timeout: seconds(1) }, context)).toEqual({ kind: 'done' });
});

// Before a lease ends, that is what is left of it, by a clock that counts nanoseconds.
test.each([1_999.5, 2 ** 32])('before_stop is called, and the server stopped, where %d ms are left', async (left) => {
  const a = await primary();
  const mark = join(folder, `called-${left}`);
  const context = taskContext(scripts({ beforeStop: script(`sleep 0.1; touch ${mark}`) }));
  const stop = { ...fastStop, checkpointFirst: false, timeout: millis(left) };
  expect(await a.postgres.run(stop, context)).toEqual({ kind: 'done' });
  expect(existsSync(mark)).toBe(true);
});

test('what has to go at once is not kept by before_stop', async () => {
  const a = await primary();
  const mark = join(folder, 'called');
  const context = taskContext(scripts({ beforeStop: script(`touch ${mark}`) }));
  await a.postgres.run({ ...fastStop, mode: 'immediate', checkpointFirst: false }, context);
  expect(existsSync(mark)).toBe(false);
});

function callBack(a: RealMember, action: CallbackAction, command: string, role: CallbackRole = 'replica'): void {
  a.postgres.callBack({ action, command, role });
}

test('a callback gets its own words, then action, role and scope, and nothing of the agent’s configuration', async () => {
  process.env['PATRONI_SUPERUSER_PASSWORD'] = 'not for you';
  const a = await member();
  const said = join(folder, 'said');
  callBack(
    a,
    'on_start',
    `${script(`printf '%s|' "$@" "$PATRONI_SUPERUSER_PASSWORD" > ${said}`)} 'two words'`,
    'primary',
  );
  await until('the command', { withinMs: 30_000 }, () => textOf(said) !== '');
  expect(textOf(said)).toBe('two words|on_start|primary|test||');
});

test('PG-76: a new callback ends the one that runs, with what it started; a reload ends only a reload', async () => {
  const a = await member();
  const log = join(folder, 'log');
  const lasting = script(`sleep 600 & echo "$1 $$ $!" >> ${log}; wait`);
  const lines = (): readonly string[] =>
    textOf(log)
      .split('\n')
      .filter((line) => line !== '');
  const pids = (line: string | undefined): readonly number[] => (line ?? '').split(' ').slice(1).map(Number);
  const alive = (line: string | undefined): number => pids(line).filter((pid) => processEntry(pid) !== null).length;

  callBack(a, 'on_role_change', lasting, 'primary');
  await until('the command', { withinMs: 30_000 }, () => lines().length === 1);
  callBack(a, 'on_reload', lasting);
  await until('the command', { withinMs: 30_000 }, () => lines().length === 2);
  const [change, reload] = lines();
  expect([alive(change), alive(reload)]).toEqual([2, 2]);

  callBack(a, 'on_start', lasting);
  await until('the command', { withinMs: 30_000 }, () => lines().length === 3);
  expect([alive(change), alive(reload)]).toEqual([0, 2]);

  callBack(a, 'on_reload', script(`echo "on_reload $$" >> ${log}`));
  await until('the command', { withinMs: 30_000 }, () => lines().length === 4);
  expect([alive(lines()[2]), alive(reload)]).toEqual([2, 0]);
  callBack(a, 'on_stop', script('exit 0'));
  await until('the command', { withinMs: 30_000 }, () => alive(lines()[2]) === 0);
});

test('a callback that cannot be started harms nobody', async () => {
  const a = await primary();
  callBack(a, 'on_stop', '/nowhere/at/all');
  callBack(a, 'on_stop', "an 'open quote");
  expect(await sql(a.config.postgres, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
