import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns `null` when there is no such file, or it is just being written. */
export function readPostmasterFile(dataDirectory: string): PostmasterFile | null {
  try {
    const lines = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
    const [key, id] = lines[6]?.trim().split(/\s+/) ?? [];
    const segment = key === undefined || id === undefined ? null : { key, id };
    return { pid: Number(lines[0]), segment };
  } catch {
    return null;
  }
}

/** What we need of it: the process, and the System V segment that it made. */
export interface PostmasterFile {
  readonly pid: number;
  readonly segment: { readonly key: string; readonly id: string } | null;
}
