/** What is known of a directory whose pg_rewind broke off: a program that says what that one says stands in for it. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seconds } from '../../src/domain/time.ts';
import { type RealMember, realMember, taskContext } from '../support/postgres.ts';

let programs = '';
let member: RealMember;
beforeEach(async () => {
  programs = mkdtempSync(join(tmpdir(), 'matriarch-programs-'));
  member = await realMember('former', { binDir: programs });
  mkdirSync(member.config.postgres.dataDir);
  writeFileSync(join(member.config.postgres.dataDir, 'PG_VERSION'), '17\n');
});
afterEach(async () => {
  await member.end();
  rmSync(programs, { recursive: true });
});

const BEGINS = 'pg_rewind: rewinding from last common checkpoint at 0/3000060 on timeline 1';
const CHUNKS = 'yes "pg_rewind: received chunk for file \\"base/5/16384\\", offset 8192, size 8192" | head -n 9000 >&2';

test.each([
  ['before it begins leaves the directory as it was', [], false],
  ['after it has begun leaves it half rewound', [`echo '${BEGINS}' >&2`], true],
  ['after it has begun and said much since (--debug) does, too', [`echo '${BEGINS}' >&2`, CHUNKS], true],
  [
    'whose words came in pieces does, too',
    ["printf 'pg_rewind: rewinding from last ' >&2", 'sleep 0.2', `printf 'common checkpoint at 0/3000060' >&2`],
    true,
  ],
])('one that breaks off %s', async (_rule, does, isHalfRewound) => {
  expect(await rewindThat([...does, 'kill -9 $$'])).toMatchObject({ kind: 'failed', reason: 'pg_rewind failed' });

  const { dataDirectory } = await member.postgres.look(seconds(3));
  expect('isHalfRewound' in dataDirectory).toBe(isHalfRewound);
});

test('history files that a broken-off rewind left empty are as before when the next one begins', async () => {
  const wal = join(member.config.postgres.dataDir, 'pg_wal');
  mkdirSync(wal);
  const text = '1\t0/3000148\tno recovery target specified\n';
  writeFileSync(join(wal, '00000002.history'), text);
  const empties = [`: > ${wal}/00000002.history`, `echo 'of the source' > ${wal}/00000003.history`];
  for (const does of [empties, empties, []]) await rewindThat([...does, `echo '${BEGINS}' >&2`, 'kill -9 $$']);

  expect(readFileSync(join(wal, '00000002.history'), 'utf8')).toBe(text);
  expect(readFileSync(join(wal, '00000003.history'), 'utf8')).toBe('of the source\n');
});

function rewindThat(does: readonly string[]) {
  const program = join(programs, 'pg_rewind');
  writeFileSync(program, ['#!/bin/sh', ...does, ''].join('\n'));
  chmodSync(program, 0o755);
  const from = member.upstream(member.name);
  const task = { kind: 'rewind', from, options: ['--debug'], patience: seconds(5) } as const;
  return member.postgres.run(task, taskContext());
}
