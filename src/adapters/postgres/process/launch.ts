import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { reasonOf } from '../errors.ts';
import type { ServerOutput } from '../instance.ts';
import type { Environment } from './environment.ts';
import { lastLines } from './tool.ts';

export type Launched =
  | {
      readonly kind: 'launched';
      readonly pid: number;
      /** `null` while it runs. */
      ended(): { readonly reason: string; readonly lastWords: string } | null;
    }
  | { readonly kind: 'unstartable'; readonly reason: string };

/**
 * Start a postmaster that outlives the agent: in a session of its own, so that no signal meant for the agent's terminal
 * or process group reaches it, and with its output in no pipe that would break when the agent ends.
 */
export async function launchPostmaster(options: {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly output: ServerOutput;
}): Promise<Launched> {
  const { output } = options;
  const file = output.kind === 'file' ? openSync(output.path, 'a', 0o600) : null;
  const from = output.kind === 'file' ? statSync(output.path).size : 0;
  try {
    const child = spawn(options.command, options.args, {
      detached: true,
      env: options.environment,
      stdio: ['ignore', file ?? 'inherit', file ?? 'inherit'],
    });
    const outcome = await new Promise<'spawned' | { readonly reason: string }>((resolve) => {
      child.once('spawn', () => resolve('spawned'));
      child.once('error', (error) => resolve({ reason: reasonOf(error) }));
    });
    if (outcome !== 'spawned' || child.pid === undefined) {
      return { kind: 'unstartable', reason: outcome === 'spawned' ? 'it has no pid' : outcome.reason };
    }
    let end: string | null = null;
    child.once('exit', (code, signal) => (end = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`));
    child.unref();
    return {
      kind: 'launched',
      pid: child.pid,
      ended: () => (end === null ? null : { reason: end, lastWords: wordsSince(output, from) }),
    };
  } finally {
    if (file !== null) closeSync(file);
  }
}

function wordsSince(output: ServerOutput, from: number): string {
  if (output.kind === 'inherit') return '';
  return lastLines(readFileSync(output.path).subarray(from).toString('utf8'));
}
