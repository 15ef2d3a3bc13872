import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
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

test('what makes it a cluster goes first: what an agent that is killed meanwhile leaves is none', async () => {
  const dataDir = join(folder, 'cluster');
  const space = join(folder, 'space');
  mkdirSync(join(dataDir, 'pg_tblspc'), { recursive: true });
  mkdirSync(space);
  for (const path of [join(space, 'table'), join(dataDir, 'PG_VERSION')]) writeFileSync(path, '');
  symlinkSync(space, join(dataDir, 'pg_tblspc', '16384'));
  const gone: (string | null)[] = [];
  const watchers = [dataDir, space].map((path) => watch(path, (_event, name) => gone.push(name)));

  await emptyDataDirectory(dataDir);

  await vi.waitFor(() => expect(gone).toEqual(['PG_VERSION', 'table', 'pg_tblspc']));
  for (const watcher of watchers) watcher.close();
});
