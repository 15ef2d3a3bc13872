import { lstatSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';

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

/** Never through a link that somebody has laid there. A parent directory that is not ours to write does without. */
export async function setMark(dataDir: string, path: string, text: string): Promise<void> {
  if (isMarked(dataDir, path)) return;
  await rm(path, { force: true })
    .then(() => writeFile(path, text, { flag: 'wx' }))
    .catch(() => undefined);
}

/** Another user's may not be ours to remove, and says nothing. */
export async function removeMark(dataDir: string, path: string): Promise<void> {
  if (isMarked(dataDir, path)) await rm(path, { force: true });
}
