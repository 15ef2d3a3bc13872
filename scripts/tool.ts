import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');

/** Starts a development tool in the checkout, from node_modules and under the Node of node_modules, whatever else is on the PATH. */
export function startTool(
  command: readonly [string, ...string[]],
  { stdio, env = {} }: { readonly stdio: SpawnOptions['stdio']; readonly env?: Readonly<Record<string, string>> },
): ChildProcess {
  const [program, ...args] = command;
  return spawn(join(bin, program), args, {
    cwd: root,
    stdio,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...env },
  });
}
