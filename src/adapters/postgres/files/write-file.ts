import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, isAbsent } from '../errors.ts';

/**
 * Make `path` hold exactly `text`, or leave it alone when it does already. A reader sees the old or the new content,
 * never a part, also after a crash of the machine: temporary file, fsync, rename, fsync of the directory.
 * `by-umask`: as this process makes any file that others may read.
 * @returns whether anything was written.
 */
export async function writeFileIfDifferent(
  path: string,
  text: string,
  mode: number | 'by-umask',
): Promise<'written' | 'same'> {
  if ((await readText(path)) === text) return 'same';
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode === 'by-umask' ? 0o666 : mode);
    try {
      await file.writeFile(text);
      if (mode !== 'by-umask') await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
  return 'written';
}

/** Remove a file for good. @returns whether it was there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await rm(path);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  await syncDirectory(dirname(path));
  return true;
}

/** @returns `null` when there is no such file. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** As far as that is possible: like PostgreSQL, it passes over what may not be opened, or cannot be flushed where it lies. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!NOT_FLUSHABLE.has(errorCode(error) ?? '')) throw error;
  }
}

const NOT_FLUSHABLE: ReadonlySet<string> = new Set(['EACCES', 'EISDIR', 'EBADF', 'EINVAL']);

const GROUP_READ_AND_EXECUTE = 0o050;

/** Files below a data directory that its group may read are readable for the group too (spec/postgres.md 6.7). */
export async function fileModeIn(dataDir: string): Promise<number> {
  const { mode } = await stat(dataDir);
  return (mode & GROUP_READ_AND_EXECUTE) === GROUP_READ_AND_EXECUTE ? 0o640 : 0o600;
}
