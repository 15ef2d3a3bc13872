/** Rewinds that succeed, and what has to be done so that their server starts. */
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

const minutes = 60_000;
const START = millis(30_000);
const patience = seconds(10);
const methods = [{ kind: 'basebackup', options: [] }] as const;

/** Of timeline 2, and the primary before it, which has written on alone and is stopped. */
let leader: RealMember;
let former: RealMember;
let archive: string;
/** Of the leader; it stands still until the first test lets it go on. */
let checkpointer: number;

beforeAll(async () => {
  becomeOrdinaryUser();
  archive = mkdtempSync(join(tmpdir(), 'matriarch-archive-'));
  // As a standby would: with a shell.
  const restore_command = `test -f ${archive}/%f && cp ${archive}/%f %p`;
  former = await realMember('former', { section: { recovery_conf: { restore_command } } });
  leader = await realMember('leader');
  await former.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  await leader.postgres.run({ kind: 'clone', from: former.upstream(leader.name), methods, patience }, taskContext());
  const alone = { ...desired(null), standby: { upstream: null, slot: null, recovery: {} } };
  await leader.postgres.run({ kind: 'start', desired: alone, timeout: START }, taskContext());
  const [found] = await sql(
    leader.config.postgres,
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
  );
  checkpointer = Number(found?.['pid']);
  process.kill(checkpointer, 'SIGSTOP');
  await leader.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext());
  await sql(former.config.postgres, 'CREATE TABLE of_former (x int)');
  const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: seconds(30) } as const;
  await former.postgres.run(stop, taskContext());
}, 3 * minutes);

afterAll(async () => {
  await former.end();
  await leader.end();
  rmSync(archive, { recursive: true });
});

test('not from a primary that has not checkpointed since its promotion, whatever its key says', async () => {
  const from = leader.upstream(former.name);
  const task = { kind: 'rewind', from, options: ['--dry-run'], patience } as const;
  expect(await former.postgres.run(task, taskContext())).toMatchObject({
    kind: 'refused',
    reason: 'the source is not ready: it has not checkpointed since its promotion',
  });

  process.kill(checkpointer, 'SIGCONT');
  await sql(leader.config.postgres, 'CHECKPOINT');
  expect(await former.postgres.run(task, taskContext())).toMatchObject({ kind: 'done' });
});

test('of a primary that has removed the WAL since the parting, with what the archive of the standbys has', async () => {
  const wal = join(former.config.postgres.dataDir, 'pg_wal');
  const from = leader.upstream(former.name);
  const task = { kind: 'rewind', from, options: ['--dry-run'], patience } as const;
  const segments = readdirSync(wal).filter((name) => /^[0-9A-F]{24}$/.test(name));
  for (const name of segments) renameSync(join(wal, name), join(archive, `${name}.away`));
  expect(await former.postgres.run(task, taskContext())).toMatchObject({ kind: 'failed' });

  for (const name of segments) renameSync(join(archive, `${name}.away`), join(archive, name));
  expect(await former.postgres.run(task, taskContext())).toMatchObject({ kind: 'done' });
});

test('by a role whose transactions only read, unless told otherwise', async () => {
  await sql(leader.config.postgres, "ALTER ROLE rewinder SET default_transaction_read_only = 'on'");
  const from = leader.upstream(former.name);
  const task = { kind: 'rewind', from, options: ['--dry-run'], patience } as const;
  expect(await former.postgres.run(task, taskContext())).toMatchObject({ kind: 'done' });
});

test('from a leader whose last record ends with a page of WAL, and to which nobody writes', async () => {
  // It would write a record of its own within seconds.
  const [writer] = await sql(
    leader.config.postgres,
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'",
  );
  const pid = Number(writer?.['pid']);
  process.kill(pid, 'SIGSTOP');
  try {
    // The first connection of pg_rewind leaves hints on pages, which are WAL, too; its second one does not.
    const from = leader.upstream(former.name);
    const options = ['--dry-run'];
    await former.postgres.run({ kind: 'rewind', from, options, patience }, taskContext());
    await fillPage();

    expect(await former.postgres.run({ kind: 'rewind', from, options: [], patience }, taskContext())).toEqual({
      kind: 'done',
    });

    const { dataDirectory } = await former.postgres.look(millis(5_000));
    const end = dataDirectory.kind === 'present' ? (dataDirectory.control?.minRecoveryEnd ?? 0n) : 0n;
    expect(end % PAGE, 'the case that this is about').toBe(PAGE_HEADER);
    const wanted = desired({ from, as: former.name });
    const withoutSlot = { ...wanted, standby: wanted.standby === null ? null : { ...wanted.standby, slot: null } };
    expect(await former.postgres.run({ kind: 'start', desired: withoutSlot, timeout: START }, taskContext())).toEqual({
      kind: 'done',
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

const PAGE = 8192n;
const PAGE_HEADER = 24n;
/** Bytes of the text of a message whose record has a short header, and room for it. */
const SHORT = 10;
const SHORT_MAX = 250n;

async function leftInPage(): Promise<bigint> {
  const [row] = await sql(
    leader.config.postgres,
    "SELECT ((pg_current_wal_insert_lsn() - '0/0')::bigint % 8192)::int AS used",
  );
  return PAGE - BigInt(Number(row?.['used']));
}

/** A record of WAL that changes nothing. */
async function emit(length: bigint | number): Promise<void> {
  await sql(leader.config.postgres, `SELECT pg_logical_emit_message(false, 'x', repeat('x', ${String(length)}))`);
}

/** Until the last record ends where a page ends. */
async function fillPage(): Promise<void> {
  for (let left = await leftInPage(); left !== PAGE - PAGE_HEADER; left = await leftInPage()) {
    if (left > 2n * SHORT_MAX) await emit(left - 2n * SHORT_MAX + 100n);
    else {
      await emit(SHORT);
      const now = await leftInPage();
      const took = left - now;
      if (took > 0n && now >= took && now < SHORT_MAX) await emit(now - took + BigInt(SHORT));
    }
  }
}
