import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPostmaster, type PostmasterFinding } from './postmaster.ts';

let folder = '';
const pids: number[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-postmaster-'));
  mkdirSync(join(folder, 'data'));
  copyFileSync(spawnSync('which', ['sleep']).stdout.toString().trim(), join(folder, 'postgres'));
});
afterAll(() => {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A pid file of long ago that names this process. */
function named(pid: number): PostmasterFinding {
  const dataDir = join(folder, 'data');
  writeFileSync(join(dataDir, 'postmaster.pid'), `${pid}\n${dataDir}\n1000000000\n5432\n`);
  return findPostmaster({ dataDir, postgresNames: new Set(['postgres']), launched: null });
}

/** A process that is nobody's child, which works in `directory`. */
function stranger(command: string, directory: string): number {
  // The shell that began it is gone by the time that it says the number.
  const { stdout } = spawnSync('sh', ['-c', `${command} 600 >/dev/null 2>&1 & echo $!`], { cwd: directory });
  const pid = Number(stdout.toString());
  pids.push(pid);
  return pid;
}

test('PG-3: a child of the agent that it did not launch as the server is none', () => {
  const child = spawn(join(folder, 'postgres'), ['600'], { cwd: join(folder, 'data'), stdio: 'ignore' });
  pids.push(child.pid ?? 0);
  expect(named(child.pid ?? 0)).toMatchObject({ kind: 'stale-file', why: expect.stringContaining('child') });
});

test('PG-4: neither is another program, nor a server of another directory', () => {
  expect(named(stranger('sleep', join(folder, 'data')))).toMatchObject({ kind: 'stale-file' });
  expect(named(stranger('../postgres', join(folder, 'data')))).toMatchObject({ kind: 'found' });
  expect(named(stranger('./postgres', folder))).toMatchObject({ kind: 'stale-file' });
});
