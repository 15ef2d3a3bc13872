import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeCopiedSocketLocks } from './copied-socket-locks.ts';

test('a lock file of somebody else’s socket goes, and nothing else does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-locks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['.s.PGSQL.5432.lock', 'PG_VERSION', 'standby.signal']) writeFileSync(join(folder, name), '');
  await removeCopiedSocketLocks(folder);
  expect(readdirSync(folder).toSorted()).toEqual(['PG_VERSION', 'standby.signal']);
});
