import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { namespaceFolder } from './network.ts';

/** Every process that lives in the network namespace of that name, however it was started and whoever its parent is. */
export async function processesIn(namespace: string): Promise<readonly number[]> {
  const { ino } = await stat(`${namespaceFolder}/${namespace}`);
  const wanted = `net:[${ino}]`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const inside = await Promise.all(
    pids.map(async (pid) => (await readlink(`/proc/${pid}/ns/net`).catch(() => '')) === wanted),
  );
  return pids.filter((_, index) => inside[index] === true);
}

/**
 * SIGKILL until none is left: a process that forked between two looks leaves its child for the next one.
 * @throws when some survive for ten seconds.
 */
export async function killAllIn(namespace: string): Promise<void> {
  for (let round = 0; round < 500; round++) {
    const left = await processesIn(namespace);
    if (left.length === 0) return;
    for (const pid of left) signal(pid, 'SIGKILL');
    await pause(20);
  }
  throw new Error(`processes of ${namespace} survive SIGKILL`);
}

/** @returns whether there was such a process. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false; // It ended by itself.
  }
}

/** The command line, blank between arguments; `null` when the process is gone or a zombie. */
export async function commandLineOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text === '' ? null : text.replaceAll('\0', ' ').trim();
}
