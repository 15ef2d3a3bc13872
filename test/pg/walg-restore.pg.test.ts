/** packaging/helpers/walg-restore asks a real leader how much WAL a backup is behind. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, postgresBinDir, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

becomeOrdinaryUser();

const folder = mkdtempSync(join(tmpdir(), 'matriarch-walg-'));
let leader: RealMember;
beforeAll(async () => {
  leader = await realMember('a');
  expect(await leader.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext())).toMatchObject({
    kind: 'done',
  });
});
afterAll(async () => {
  await leader.end();
  rmSync(folder, { recursive: true });
});

const megabyte = 1_048_576;

test.each([
  { what: 'a backup from just now', behind: 0, size: 100 * megabyte, options: [], status: 0 },
  { what: 'within both limits', behind: 2 * megabyte, size: 100 * megabyte, options: [], status: 0 },
  {
    what: 'more WAL than megabytes allow',
    behind: 2 * megabyte,
    size: 100 * megabyte,
    options: ['--threshold_megabytes=1'],
    status: 2,
  },
  { what: 'more WAL than the part of a backup', behind: 2 * megabyte, size: 3 * megabyte, options: [], status: 2 },
  { what: 'no backup', behind: null, size: 0, options: [], status: 2 },
])('$what: status $status', async ({ behind, size, options, status }) => {
  const [row] = await sql(leader.config.postgres, "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::text AS position");
  const start = Number(row?.['position']) - (behind ?? 0);
  const backups =
    behind === null
      ? []
      : [
          { backup_name: 'newest', start_lsn: start, uncompressed_size: size },
          { backup_name: "an older one's", start_lsn: 1, uncompressed_size: 10_000 * megabyte },
        ];
  const { code, fetched, said } = restore(backups, options);
  expect({ code, fetched, said }).toMatchObject({ code: status, fetched: status === 0 });
});

function restore(backups: readonly unknown[], options: readonly string[]) {
  const data = join(folder, 'data');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data);
  const list = join(folder, 'backups.json');
  writeFileSync(list, JSON.stringify(backups));
  const walg = join(folder, 'wal-g');
  writeFileSync(walg, `#!/bin/sh\ncase $1 in backup-list) cat '${list}' ;; backup-fetch) touch "$2/fetched" ;; esac\n`);
  chmodSync(walg, 0o755);
  const { port, superuser } = leader.config.postgres;
  const { status, stderr } = spawnSync(
    join(import.meta.dirname, '../../packaging/helpers/walg-restore'),
    [
      `--envdir=${folder}`,
      `--datadir=${data}`,
      `--connstring=host=localhost port=${port} user=${superuser.username} dbname=postgres`,
      ...options,
    ],
    {
      encoding: 'utf8',
      env: { PATH: `${folder}:${postgresBinDir()}:${process.env['PATH'] ?? ''}`, PGPASSWORD: superuser.password ?? '' },
    },
  );
  return { code: status, said: stderr, fetched: existsSync(join(data, 'fetched')) };
}
