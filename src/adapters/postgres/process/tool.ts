import { type ChildProcess, spawn } from 'node:child_process';
import { reasonOf } from '../errors.ts';
import { until } from '../wait.ts';
import type { Environment } from './environment.ts';
import { killTree, killUntilNone, sendSignal } from './kill.ts';
import { descendantsOf, isAlive, processEntry } from './process-table.ts';

export type ToolCall = {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  /** Where it runs; by default where the agent does. */
  readonly directory?: string;
  /** It is an operator's own: what it leaves running may keep its output open, and is not waited for. */
  readonly mayLeaveOthers?: true;
  /** `null`: short and harmless; never cancelled. */
  readonly signal: AbortSignal | null;
  /** Each line of standard error as it comes, also of one that says more than is kept. */
  readonly onLine?: (line: string) => void;
};

export type ToolOutcome =
  | { readonly kind: 'exited'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'unstartable'; readonly reason: string }
  | { readonly kind: 'cancelled' };

/** What is kept of each stream: enough for any answer we parse and for the last words of a failure. */
const OUTPUT_CHARACTERS_MAX = 256 * 1024;
/** From the end of a program to its last words. */
const LAST_WORDS_MS = 100;
const CANCEL_GRACE_MS = 10_000;
const POLL_MS = 20;

/**
 * Run one of PostgreSQL's tools to its end. Cancelled, it gets SIGTERM, time to clean up behind itself, and then the
 * end of its whole process tree (spec/postgres.md 3.2).
 */
export async function runTool(call: ToolCall): Promise<ToolOutcome> {
  if (call.signal?.aborted === true) return { kind: 'cancelled' };
  // Where no file handle is left it comes without streams, and with its error.
  const child: ChildProcess = spawn(call.command, call.args, {
    env: call.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(call.directory === undefined ? {} : { cwd: call.directory }),
  });
  let stdout = '';
  let stderr = '';
  let unfinishedLine = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout = keep(stdout + text)));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = keep(stderr + text);
    const lines = (unfinishedLine + text).split(/[\r\n]+/);
    unfinishedLine = keep(lines.pop() ?? '');
    for (const line of lines) if (line !== '') call.onLine?.(line);
  });
  child.stderr?.on('end', () => call.onLine?.(unfinishedLine));
  const ended = new Promise<ToolOutcome>((resolve) => {
    child.on('error', (error) => resolve({ kind: 'unstartable', reason: reasonOf(error) }));
    const over = (code: number | null): void => resolve({ kind: 'exited', code, stdout, stderr });
    child.on('close', over);
    // What it said itself is read in the turn between the two, however late that timer comes.
    if (call.mayLeaveOthers === true) {
      child.on('exit', (code) => setTimeout(() => setImmediate(over, code), LAST_WORDS_MS));
    }
  });

  if (call.signal === null) return ended;
  const cancelled = aborted(call.signal);
  const first = await Promise.race([ended, cancelled.promise]);
  cancelled.forget();
  if (first !== 'aborted') return first;
  if (child.pid !== undefined) await endTool(child.pid);
  return { kind: 'cancelled' };
}

/**
 * SIGTERM, time to clean up, then the end. The tool's own children are remembered before it goes: pg_basebackup leaves
 * one behind that goes on writing, and nothing shows whose it was once its parent is gone.
 */
async function endTool(pid: number): Promise<void> {
  const children = descendantsOf(pid);
  sendSignal(pid, 'SIGTERM');
  const ended = await until(() => (processEntry(pid) === null ? true : null), {
    everyMs: POLL_MS,
    limitMs: CANCEL_GRACE_MS,
    signal: null,
  });
  if (ended.kind !== 'met') await killTree(pid);
  await killUntilNone(() => children.filter(isAlive).map((child) => child.pid));
}

/** The last lines of a tool's output, for a reason that people read. */
export function lastLines(text: string, count = 5): string {
  return text.trim().split('\n').slice(-count).join('\n');
}

/** What an operator's command said last. Some, pgBackRest among them, name their errors on standard output. */
export function lastWords({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return lastLines(stderr.trim() === '' ? stdout : stderr);
}

/**
 * The first line by which a tool, or a server that it ran, says what went wrong, with a hint if there is one: what comes
 * after follows from it.
 */
export function firstCause(text: string): string {
  const lines = text.trim().split('\n');
  const at = lines.findIndex((line) => /\b(error|fatal|panic):/i.test(line));
  if (at === -1) return lines.at(-1) ?? '';
  const next = lines[at + 1] ?? '';
  return [lines[at] ?? '', ...(next.includes('HINT:') ? [next] : [])].map(withoutPrefix).join('; ');
}

/** Without a server's time and process, which the agent's own line has, and without the tool's name, which it says. */
function withoutPrefix(line: string): string {
  return line
    .replace(/^.*?(?=\b(ERROR|FATAL|PANIC|HINT):)/, '')
    .replace(/^\w+: (error|fatal): /, '')
    .replace(/: {2}/, ': ');
}

function keep(text: string): string {
  return text.length > OUTPUT_CHARACTERS_MAX ? text.slice(-OUTPUT_CHARACTERS_MAX) : text;
}

function aborted(signal: AbortSignal): { readonly promise: Promise<'aborted'>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<'aborted'>();
  const listener = (): void => resolve('aborted');
  signal.addEventListener('abort', listener, { once: true });
  return { promise, forget: () => signal.removeEventListener('abort', listener) };
}
