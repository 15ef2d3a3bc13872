import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { seconds, wallTime } from '../../../domain/time.ts';
import type { Instance } from '../instance.ts';
import { processEntry } from '../process/process-table.ts';
import { stop } from './stop.ts';

test('a postmaster that ends while before_stop runs is not looked for in a process that got its number since', async () => {
  const stranger = spawn('sleep', ['60']);
  onTestFinished(() => void stranger.kill('SIGKILL'));
  await once(stranger, 'spawn');
  const pid = stranger.pid ?? 0;
  const startTicks = (processEntry(pid)?.startTicks ?? 0) - 100;
  const postmaster = { pid, startTicks, startedAt: wallTime(0), kind: 'server' } as const;
  const instance = {
    process: { find: () => ({ kind: 'found', postmaster }), all: () => [] },
    heartbeat: { close: () => Promise.resolve() },
    log: { write: () => undefined },
    environment: process.env,
  } as unknown as Instance;

  const task = { mode: 'fast', checkpointFirst: false, timeout: seconds(5) } as const;
  const context = {
    signal: new AbortController().signal,
    progress: () => undefined,
    scripts: { beforeStop: 'true', prePromote: null },
  };
  expect(await stop(instance, task, context)).toEqual({ kind: 'done' });
  // What was sent to it would have arrived by now.
  stranger.kill('SIGTERM');
  expect(await once(stranger, 'exit')).toEqual([null, 'SIGTERM']);
});
