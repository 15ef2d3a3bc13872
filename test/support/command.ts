import { execFile } from 'node:child_process';

/**
 * Run a short command to its end.
 * @returns what it printed.
 * @throws with the command and everything that it said, when it fails or takes longer than `limitMs`.
 */
export function run(
  [program, ...args]: readonly [string, ...string[]],
  { input = '', limitMs = 10_000 }: { readonly input?: string; readonly limitMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { timeout: limitMs, maxBuffer: 16 * 1024 * 1024, env: { ...process.env, PATH: adminPath() } },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${[program, ...args].join(' ')}: ${error.message}\n${stderr}${stdout}`));
      },
    );
    child.stdin?.on('error', () => {}); // A command that does not read its input may close it first.
    child.stdin?.end(input);
  });
}

/** Network tools live in sbin, which an ordinary PATH lacks. */
export function adminPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
}
