import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { readPostmasterFile } from './postmaster-file.ts';

/**
 * The System V segments that our servers make. A server that ends removes its own; one that is killed leaves it, and a
 * new copy of its data directory no longer says which one it was. So each is noted as soon as it is seen.
 */
export class SegmentLedger {
  readonly #file: string;
  readonly #known: Set<string>;

  /** `file` outlives us, for whoever cleans up after a crash. */
  constructor(file: string) {
    this.#file = file;
    this.#known = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  }

  note(dataDirectory: string): void {
    const segment = readPostmasterFile(dataDirectory)?.segment ?? null;
    if (segment === null) return;
    const line = lineOf(segment.key, segment.id);
    if (this.#known.has(line)) return;
    this.#known.add(line);
    appendFileSync(this.#file, `${line}\n`);
  }

  /** Removes those that nobody uses any more. */
  sweep(): void {
    for (const line of segmentTable()) {
      const [key = '', id = '', , , , , attached] = line.trim().split(/\s+/);
      if (attached === '0' && this.#known.has(lineOf(key, id))) removeSegment(id);
    }
  }
}

function lineOf(key: string, id: string): string {
  return `${key} ${id}`;
}

/** Lines of `key shmid perms size cpid lpid nattch …` (proc_sysvipc(5)). */
function segmentTable(): readonly string[] {
  try {
    return readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
  } catch {
    return []; // A kernel without them.
  }
}

function removeSegment(id: string): void {
  try {
    execFileSync('ipcrm', ['--shmem-id', id], { stdio: 'ignore' });
  } catch {
    // Removed meanwhile.
  }
}
