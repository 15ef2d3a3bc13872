import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { adminPath } from './command.ts';

export type Called = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** What starts the product as it is in src/; under the other tool's name when asked to. */
export function matriarchCommand(
  args: readonly string[],
  calledAs: 'matriarch' | 'patronictl' = 'matriarch',
): readonly [string, ...string[]] {
  const main = join(import.meta.dirname, '../../src/main/main.ts');
  return [process.execPath, main, ...(calledAs === 'matriarch' ? [] : [`--called-as=${calledAs}`]), ...args];
}

/** Run a command to its end, whatever its exit code; `input` is what is typed. */
export function call(
  [program, ...args]: readonly [string, ...string[]],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Called> {
  const options = { timeout: CALL_LIMIT_MS, env: { ...process.env, PATH: adminPath(), ...env } };
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => {}); // A command that does not read its input may close it first.
    child.stdin?.end(input);
  });
}

/** Longer than any command waits that succeeds: one that hangs ends with -1. */
const CALL_LIMIT_MS = 30_000;
