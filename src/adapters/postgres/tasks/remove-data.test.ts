import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emptyDataDirectory } from './remove-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-remove-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('links out of a data directory that is a link itself lead on from where it really is', async () => {
  for (const path of ['disk/data/pg_tblspc', 'disk/wal', 'disk/space', 'home/wal', 'home/space']) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, 'file'), '');
  }
  symlinkSync('../wal', join(folder, 'disk/data/pg_wal'));
  symlinkSync('../../space', join(folder, 'disk/data/pg_tblspc/16384'));
  symlinkSync('../disk/data', join(folder, 'home/data'));

  await emptyDataDirectory(join(folder, 'home/data'));

  for (const own of ['disk/data', 'disk/wal', 'disk/space']) expect(readdirSync(join(folder, own))).toEqual([]);
  expect(existsSync(join(folder, 'home/wal/file')), 'of somebody else').toBe(true);
  expect(existsSync(join(folder, 'home/space/file')), 'of somebody else').toBe(true);
});
