import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from './until.ts';
import type { World } from './world.ts';

/**
 * Every process of a node: it works in the node's folder, or was started with something of it as an argument. Parents
 * say nothing here: PostgreSQL and the guardian leave their starter on purpose.
 */
export function processesOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongsTo(pid, folder));
}

/** As a power loss would: no process gets to say goodbye. A child forked meanwhile is found by the next look. */
export async function killAllOf(folder: string, world: World): Promise<void> {
  await until(world, { what: 'killed processes are gone', withinMs: 10_000, everyMs: 20 }, () => {
    const left = processesOf(folder);
    for (const pid of left) sendSignal(pid, 'SIGKILL');
    return Promise.resolve(left.length === 0 ? left : null);
  });
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}

function belongsTo(pid: number, folder: string): boolean {
  try {
    if (isBelow(readlinkSync(`/proc/${pid}/cwd`), folder)) return true;
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return args.some((arg) => isBelow(arg.slice(arg.indexOf('=') + 1), folder));
  } catch {
    return false; // Somebody else's process, or gone.
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
