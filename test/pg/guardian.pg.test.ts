import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readStat } from '../../src/adapters/linux-processes/process-stat.ts';
import { guardedPlace, guardianProgram, RealGuardian } from '../support/guardian.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';
import { until } from '../support/wait.ts';

const SOON = { withinMs: 30_000 } as const;
const ends: (() => Promise<void> | void)[] = [];

beforeAll(becomeOrdinaryUser);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function place() {
  const found = guardedPlace();
  ends.push(found.end);
  return found;
}

/**
 * A postmaster of a kind: it ignores the fast stop, and starts a child anew as soon as one dies.
 * @returns once it and its children run.
 */
async function stubbornPostmaster({ dataDir, count }: ReturnType<typeof place>): Promise<void> {
  const keepOne = 'while :; do sleep 600; done';
  const script = `trap "" INT; ${keepOne} & ${keepOne} & ${keepOne}`;
  const child = spawn('sh', ['-c', script], { cwd: dataDir, detached: true, stdio: 'ignore' });
  writeFileSync(join(dataDir, 'postmaster.pid'), `${child.pid ?? ''}\n`);
  await until('all its processes run', SOON, () => count() === 6);
}

describe('a guardian', () => {
  test('kills what does not stop, and what starts anew, until nothing is left', async () => {
    const here = place();
    await stubbornPostmaster(here);
    const guardian = await RealGuardian.of(here.program);
    await guardian.arm(1_800);
    await guardian.hears('fencing', 'fenced');

    expect(here.count()).toBe(0);
    expect(guardian.steps).toEqual(['fast-stop', 'hard-fence', 'fenced']);
  });

  test('outlives an agent that is killed with its whole process group, and keeps the deadline', async () => {
    const here = place();
    await stubbornPostmaster(here);
    const { agent, guardianPid } = await agentProcess(here, 3_000);
    process.kill(-(agent.pid ?? Number.NaN), 'SIGKILL');
    await once(agent, 'exit');
    expect(readStat(guardianPid)).not.toBeNull();

    await until('everything is fenced', SOON, () => here.count() === 0);
    const log = `${here.program.socketPath}.log`;
    await until('it says so', SOON, () => readFileSync(log, 'utf8').includes('"event":"fenced"'));
  });

  test('is found by the next agent, which moves the deadline: nothing is fenced', async () => {
    const here = place();
    await stubbornPostmaster(here);
    const { agent, guardianPid } = await agentProcess(here, 6_000);
    agent.kill('SIGKILL');
    await once(agent, 'exit');

    const next = await RealGuardian.of(here.program);
    expect(next.pid).toBe(guardianPid);
    expect(next.armedUntil).not.toBeNull();
    const deadline = await next.arm(600_000);
    const third = await RealGuardian.of(here.program);
    expect(third.armedUntil).toBe(deadline);
    expect(third.steps).toEqual([]);
    expect(here.count()).toBe(6);
  });

  test('hears only the newest of its connections', async () => {
    const here = place();
    const first = await RealGuardian.of(here.program);
    const second = await RealGuardian.of(here.program);
    await first.hears('lost');
    await second.arm(600_000);

    expect(first.said.map((each) => each.kind)).toEqual(['hello', 'lost']);
  });

  test('that is frozen is killed and replaced', async () => {
    const here = place();
    const frozen = await RealGuardian.of(here.program);
    await frozen.arm(600_000);
    process.kill(frozen.pid, 'SIGSTOP');
    const next = await RealGuardian.of(here.program);

    expect(next.pid).not.toBe(frozen.pid);
    expect(next.armedUntil).toBeNull();
    await frozen.hears('lost');
  });

  test('that was killed leaves a socket that the next one replaces', async () => {
    const here = place();
    const killed = await RealGuardian.of(here.program);
    process.kill(killed.pid, 'SIGKILL');
    await killed.hears('lost');

    expect((await RealGuardian.of(here.program)).pid).not.toBe(killed.pid);
  });

  test('whose socket was removed is ended when the next one starts', async () => {
    const here = place();
    const unreachable = await RealGuardian.of(here.program);
    rmSync(here.program.socketPath);
    const next = await RealGuardian.of(here.program);

    expect(next.pid).not.toBe(unreachable.pid);
    await unreachable.hears('lost');
  });

  test('asked to end while armed, it stays; disarmed, it goes', async () => {
    const here = place();
    const guardian = await RealGuardian.of(here.program);
    await guardian.arm(600_000);
    process.kill(guardian.pid, 'SIGTERM');
    await guardian.arm(700_000);
    guardian.disarm();

    await guardian.hears('lost');
  });

  test("leaves a person's shell in the data directory alone", async () => {
    const here = place();
    await stubbornPostmaster(here);
    const terminal = spawn('/usr/bin/script', ['-qfc', `cd ${here.dataDir} && exec sleep 600`, '/dev/null'], {
      stdio: 'ignore',
      cwd: '/',
    });
    ends.push(() => void terminal.kill('SIGKILL'));
    const shell = await until('the shell is there', SOON, () => childIn(terminal.pid ?? 0, 'sleep'));
    const guardian = await RealGuardian.of(here.program);
    await guardian.arm(1_500);
    await guardian.hears('fencing', 'fenced');

    expect(readStat(shell)?.state).toBe('S');
  });
});

describe('with a real PostgreSQL', () => {
  async function primary() {
    const member = await realMember('guarded');
    ends.push(member.end);
    const { dataDir } = member.config.postgres;
    expect(await member.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext())).toMatchObject({
      kind: 'done',
    });
    const guardian = await RealGuardian.of(guardianProgram({ dataDir, runtimeDir: dirname(dataDir) }));
    ends.push(() => void process.kill(guardian.pid, 'SIGKILL'));
    guardian.tell('confirm-quiet');
    await guardian.hears('busy');
    return { member, guardian, dataDir };
  }

  test('the lease runs out: an orderly fast stop, and nothing is left', async () => {
    const { member, guardian } = await primary();
    await guardian.arm(6_000);
    await guardian.hears('fencing', 'fenced');
    guardian.tell('confirm-quiet');
    await guardian.hears('quiet');

    expect(readFileSync(member.logFile, 'utf8')).toContain('received fast shutdown request');
  });

  test('a postmaster that does not answer: its backends are killed with their transactions', async () => {
    const { member, guardian, dataDir } = await primary();
    const server = member.config.postgres;
    const committing = sql(server, 'SELECT pg_sleep(600)').then(
      () => 'answered',
      () => 'broken',
    );
    await until('the backend works', SOON, async () => {
      const rows = await sql(server, `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
      return rows.length === 1;
    });
    const postmaster = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    process.kill(postmaster, 'SIGSTOP');
    await guardian.arm(1_800);
    await guardian.hears('fencing', 'fenced');

    expect(await committing).toBe('broken');
    expect(readStat(postmaster)?.state ?? 'Z').toBe('Z');
  });
});

async function agentProcess(
  { dataDir, program }: ReturnType<typeof place>,
  leftMs: number,
): Promise<{ readonly agent: ChildProcess; readonly guardianPid: number }> {
  const script = fileURLToPath(new URL('../support/guardian-agent-process.ts', import.meta.url));
  const agent = spawn(process.execPath, [script, dataDir, dirname(program.socketPath), String(leftMs)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => void agent.kill('SIGKILL'));
  const [said] = await once(agent.stdout, 'data');
  return { agent, guardianPid: Number(String(said)) };
}

function childIn(parent: number, name: string): number | null {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
  return children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name) ?? null;
}
