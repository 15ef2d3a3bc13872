import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TaskOutcome } from '../../src/domain/task.ts';
import type { RealMember } from './postgres.ts';
import type { Work } from './task-process.ts';

/** Who dies: the agent alone, whose tools go on, or all that it started with it (but the postmaster, which has a session of its own). */
export type Victims = 'agent' | 'agent and tools';

export type WorkEnd =
  | { readonly kind: 'ended'; readonly outcome: TaskOutcome; readonly tookMs: number }
  | { readonly kind: 'killed' };

const program = join(import.meta.dirname, 'task-process.ts');

/** Have a process of its own do the work, and kill it so long after it began; `null`: let it end. */
export async function doWork(
  member: RealMember,
  work: Work,
  options: { readonly killAfterMs: number | null; readonly victims?: Victims; readonly fileSizeMax?: number },
): Promise<WorkEnd> {
  const args = [program, JSON.stringify(member.config), JSON.stringify(work), member.logFile];
  const limited = options.fileSizeMax;
  const [command, ...words] =
    limited === undefined
      ? [process.execPath, ...args]
      : ['prlimit', `--fsize=${String(limited)}`, process.execPath, ...args];
  const child = spawn(command, words, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  while (!said.includes('begins')) await Promise.race([once(child.stdout, 'data'), ended]);
  const from = performance.now();
  if (options.killAfterMs !== null) {
    await Promise.race([pause(options.killAfterMs), ended]);
    kill(child.pid ?? 0, options.victims ?? 'agent');
    // Tools that live on hold its output open.
    child.stdout.destroy();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  } else await ended;
  const last = said.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return { kind: 'killed' };
  return { kind: 'ended', outcome: JSON.parse(last) as TaskOutcome, tookMs: performance.now() - from };
}

function kill(pid: number, victims: Victims): void {
  try {
    process.kill(victims === 'agent' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    // It has ended before its time came.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
