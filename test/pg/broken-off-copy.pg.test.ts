/** What is told of a copy that breaks off: a program that says what pg_basebackup says stands in for it. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { seconds } from '../../src/domain/time.ts';
import { realMember, taskContext } from '../support/postgres.ts';

test('why the first try failed is told beside what it left in the way of the second', async () => {
  const programs = mkdtempSync(join(tmpdir(), 'matriarch-programs-'));
  const member = await realMember('b', { binDir: programs });
  onTestFinished(async () => {
    await member.end();
    rmSync(programs, { recursive: true });
  });
  const tried = join(programs, 'tried');
  const first = 'pg_basebackup: error: could not receive data from WAL stream';
  const second = 'pg_basebackup: error: directory "/tablespace" exists but is not empty';
  const lines = [
    '#!/bin/sh',
    `[ -e ${tried} ] && echo '${second}' >&2 || echo '${first}' >&2`,
    `touch ${tried}`,
    'exit 1',
  ];
  writeFileSync(join(programs, 'pg_basebackup'), `${lines.join('\n')}\n`);
  chmodSync(join(programs, 'pg_basebackup'), 0o755);

  const methods = [{ kind: 'basebackup', options: [] }] as const;
  const clone = { kind: 'clone', from: member.upstream(member.name), methods, patience: seconds(5) } as const;
  expect(await member.postgres.run(clone, taskContext())).toMatchObject({
    kind: 'failed',
    detail: `${first}\n${second}`,
  });
});
