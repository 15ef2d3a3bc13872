import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { removeFile, writeFileIfDifferent } from './write-file.ts';

test('a file system that cannot flush a folder keeps nobody from writing to it: PostgreSQL goes on there, too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-write-'));
  const handle = await open(folder, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { sync } = prototype;
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    if ((await this.stat()).isDirectory())
      throw Object.assign(new Error('invalid argument, fsync'), { code: 'EINVAL' });
    await sync.call(this);
  });
  onTestFinished(() => {
    spy.mockRestore();
    rmSync(folder, { recursive: true });
  });

  const path = join(folder, 'file');
  expect(await writeFileIfDifferent(path, 'text', 0o600)).toBe('written');
  expect(readFileSync(path, 'utf8')).toBe('text');
  expect(await removeFile(path)).toBe(true);
});
