import { lstatSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../errors.ts';
import { syncDirectory } from './write-file.ts';

/** What is said of a data directory by a file beside it. The parent directory may be shared (`/tmp`, a volume's root). */
export function markPath(dataDir: string, what: string): string {
  return `${dataDir.replace(/\/+$/, '')}.${what}`;
}

/**
 * Is it there, and of whoever owns the data directory? Where anybody may lay a file, nobody else has the data removed, or kept from
 * starting, by one. What may not be looked at is not there.
 */
export function isMarked(dataDir: string, path: string): boolean {
  try {
    const mark = lstatSync(path, { throwIfNoEntry: false });
    if (mark === undefined) return false;
    const owner = statSync(dataDir, { throwIfNoEntry: false })?.uid ?? process.geteuid?.();
    return mark.uid === owner;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/**
 * Never through a link that somebody has laid there. On the disk when this ends, since it may be another disk than the one
 * that is written to next. A parent directory that is not ours to write does without.
 */
export async function setMark(dataDir: string, path: string, text: string): Promise<void> {
  try {
    if (!isMarked(dataDir, path)) await layAnew(path, text);
    await syncDirectory(dirname(path));
  } catch (error) {
    if (errorCode(error) === null) throw error;
  }
}

async function layAnew(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** For good: what is written from now on counts, also after a power cut. Another user's may not be ours to remove, and says nothing. */
export async function removeMark(dataDir: string, path: string): Promise<void> {
  if (!isMarked(dataDir, path)) return;
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}
