import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

test('an agent ends although the disk that its log goes to hangs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-log-'));
  // Who opens it to write waits for a reader, as for a disk.
  execFileSync('mkfifo', [join(folder, 'patroni.log')]);
  const program = resolve('test/support/hanging-log-process.ts');
  const agent = spawn(process.execPath, [program, folder], { stdio: 'ignore' });
  onTestFinished(() => {
    agent.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  expect(await Promise.race([once(agent, 'exit'), setTimeout(20_000, 'it hangs')])).toEqual([3, null]);
});
