import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { RewindMark } from './rewind-mark.ts';
import { isUnfinished, markFinished, markUnfinished } from './unfinished.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-mark-'));
afterAll(() => rmSync(folder, { recursive: true }));

function dataDirectory(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

test('what is being made counts as unfinished until it is finished, also before there is a directory', async () => {
  const dataDir = join(folder, 'new');
  expect(isUnfinished(dataDir)).toBe(false);
  await markUnfinished(`${dataDir}/`);
  expect(isUnfinished(dataDir)).toBe(true);
  mkdirSync(dataDir);
  await markUnfinished(dataDir);
  expect(isUnfinished(dataDir)).toBe(true);
  await markFinished(dataDir);
  expect(isUnfinished(dataDir)).toBe(false);
});

test('a power cut takes no mark away, and brings none back', async () => {
  const dataDir = dataDirectory('powered');
  const synced = await whatIsSynced();
  await markUnfinished(dataDir);
  expect(synced.splice(0)).toEqual([`${dataDir}.unfinished`, folder]);
  await markFinished(dataDir);
  expect(synced.splice(0)).toEqual([folder]);

  const rewind = new RewindMark(dataDir);
  await rewind.set({});
  expect(synced.splice(0)).toEqual([`${dataDir}.rewinding`, folder]);
  await new RewindMark(dataDir).set({});
  expect(synced.splice(0)).toEqual([folder]);
  await rewind.clear();
  expect(synced).toEqual([folder]);
});

/** Paths of what is flushed to the disk from now on, in that order. */
async function whatIsSynced(): Promise<string[]> {
  const handle = await open(folder, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const synced: string[] = [];
  const { sync } = prototype;
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
    synced.push(readlinkSync(`/proc/self/fd/${String(this.fd)}`));
    return sync.call(this);
  });
  onTestFinished(() => spy.mockRestore());
  return synced;
}

test.runIf(process.getuid?.() === 0)(
  'a mark of another user says nothing: its data is neither removed nor kept',
  async () => {
    const dataDir = dataDirectory('whole');
    for (const path of [`${dataDir}.unfinished`, `${dataDir}.rewinding`]) {
      writeFileSync(path, '');
      chownSync(path, NOBODY, NOBODY);
    }
    const rewind = new RewindMark(dataDir);
    expect([isUnfinished(dataDir), rewind.isSet]).toEqual([false, false]);

    await markUnfinished(dataDir);
    await rewind.set({});
    expect([isUnfinished(dataDir), new RewindMark(dataDir).isSet]).toEqual([true, true]);
  },
);

const NOBODY = 65_534;

test.runIf(process.getuid?.() === 0)('no mark is written through a link of another user', async () => {
  const dataDir = dataDirectory('linked');
  const precious = join(folder, 'precious');
  writeFileSync(precious, 'ours');
  symlinkSync(precious, `${dataDir}.unfinished`);
  lchownSync(`${dataDir}.unfinished`, NOBODY, NOBODY);
  await markUnfinished(dataDir);
  expect(readFileSync(precious, 'utf8')).toBe('ours');
  expect([isUnfinished(dataDir), existsSync(precious)]).toEqual([true, true]);
});
