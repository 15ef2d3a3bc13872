import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { instant, millis } from '../../../domain/time.ts';
import { RewindMark } from '../files/rewind-mark.ts';
import type { Instance } from '../instance.ts';
import { within } from '../wait.ts';
import { createLook } from './look.ts';

test('looks at a disk that hangs do not take all threads that others need: for the log, or to resolve a name', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'matriarch-look-'));
  const hanging = join(dataDir, 'PG_VERSION');
  // Who opens it to read waits for a writer, as for a disk.
  execFileSync('mkfifo', [hanging]);
  onTestFinished(() => {
    answer(hanging);
    rmSync(dataDir, { recursive: true });
  });
  const instance = {
    config: { postgres: { dataDir, configDir: dataDir } },
    clock: { now: () => instant(0) },
    rewindMark: new RewindMark(dataDir),
    process: { report: () => ({ kind: 'none' }) },
    heartbeat: { close: () => Promise.resolve() },
  } as unknown as Instance;
  const look = createLook(instance, () => Promise.resolve(null));

  for (let count = 0; count < 8; count += 1) {
    expect((await look(millis(40))).dataDirectory.kind).toBe('inaccessible');
  }
  expect(await within(readFile('/dev/null', 'utf8'), 2_000)).toBe('');

  answer(hanging);
  await expect.poll(async () => (await look(millis(500))).dataDirectory.kind).toBe('empty');
});

/** It is gone, and whoever waited for it reads that nothing was in it. */
function answer(path: string): void {
  if (!existsSync(path)) return;
  const writer = openSync(path, constants.O_RDWR);
  rmSync(path);
  closeSync(writer);
}
