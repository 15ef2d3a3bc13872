import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { controlReader } from './control-reader.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-control-'));
  const made = folder;
  onTestFinished(() => rmSync(made, { recursive: true }));
  mkdirSync(join(folder, 'data', 'global'), { recursive: true });
});

/** A program in the place of pg_controldata, and the file that it is asked for. */
function reader(...lines: readonly string[]): ReturnType<typeof controlReader> {
  const program = join(folder, 'pg_controldata');
  writeFileSync(program, ['#!/bin/sh', `cd ${folder}`, ...lines, ''].join('\n'));
  chmodSync(program, 0o755);
  return controlReader({ binDir: folder, binNames: {}, dataDir: join(folder, 'data') }, process.env);
}

function serverWrites(state: string): void {
  const said = [
    'Database system identifier:           7710548174923817273',
    `Database cluster state:               ${state}`,
    'Latest checkpoint location:           0/17414F8',
    "Latest checkpoint's TimeLineID:       1",
  ];
  writeFileSync(join(folder, 'said'), `${said.join('\n')}\n`);
  writeFileSync(join(folder, 'data', 'global', 'pg_control'), state);
}

test('who asks after the server has written hears of that, also beside a read that began before', async () => {
  const read = reader('cp said old', 'touch begun', 'until [ -e go ]; do sleep 0.01; done', 'cat old');
  serverWrites('in production');
  const before = read();
  await vi.waitUntil(() => existsSync(join(folder, 'begun')));
  serverWrites('shutting down');
  const after = read();
  writeFileSync(join(folder, 'go'), '');

  expect((await before)?.data?.state).toBe('in production');
  expect((await after)?.data?.state).toBe('shutting down');
});

/** As PostgreSQL 13 to 16 say it, and as 17 and later do. */
const DAMAGED = [
  "printf 'WARNING: Calculated CRC checksum does not match value stored in file.\\n'",
  "echo 'pg_controldata: warning: calculated CRC checksum does not match value stored in control file' >&2",
];

test.each(DAMAGED)('what was read while it was being written is read again: %s', async (warning) => {
  const read = reader(
    `[ -e asked ] || { touch asked; ${warning}; sed 's/in production/shut down/' said; exit 0; }`,
    'cat said',
  );
  serverWrites('in production');
  expect((await read())?.data?.state).toBe('in production');
});

test.each(DAMAGED)('a file that is damaged is no control file, whatever it seems to say: %s', async (warning) => {
  const read = reader(warning, 'cat said');
  serverWrites('shut down');
  expect(await read()).toEqual({ labels: new Map(), data: null });
});
