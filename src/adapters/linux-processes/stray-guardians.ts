import { readdirSync, readFileSync } from 'node:fs';
import { signalProcess } from './signal.ts';

/** How a guardian's command line names its data directory; the guardian's entry reads the same. */
export function guardianMark(realDataDir: string): string {
  return `--guardian-of=${realDataDir}`;
}

/**
 * End guardians of this data directory that do not answer: one that is frozen, or whose socket was removed. Left alone
 * it would fence by a deadline that is long replaced, as soon as it thaws. Found by their own command line.
 * @returns the process ids that were killed.
 */
export function endStrayGuardians(realDataDir: string): readonly number[] {
  return guardiansOf(realDataDir).filter((pid) => signalProcess(pid, 'SIGKILL') === 'sent');
}

/** The guardians of this data directory that live, reachable or not. */
export function guardiansOf(realDataDir: string): readonly number[] {
  const mark = guardianMark(realDataDir);
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandLine(pid).includes(mark));
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
