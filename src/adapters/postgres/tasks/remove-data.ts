import { lstat, mkdir, readlink, realpath, rename, rm, symlink, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TaskOutcome } from '../../../domain/task.ts';
import { isAbsent, reasonOf } from '../errors.ts';
import { namesIn } from '../files/names-in.ts';
import { isUnfinished, markFinished } from '../files/unfinished.ts';
import { removeFile } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';
import { whyOccupied } from './occupied.ts';

/** Remove the data directory with what its symbolic links lead to (spec/postgres.md 18). */
export async function removeData(instance: Instance): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  try {
    await emptyDataDirectory(instance.config.postgres.dataDir);
    await instance.rewindMark.clear();
    return { kind: 'done' };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

/**
 * Rename the data directory to `<data_dir>.failed`, so that an operator can see why a bootstrap failed. One that cannot be
 * moved, being a mount point or in a folder that is not ours to write, is kept from counting as a cluster.
 */
export async function setAsideData(instance: Instance): Promise<TaskOutcome> {
  const occupied = whyOccupied(instance);
  if (occupied !== null) return { kind: 'refused', reason: occupied };
  const { dataDir } = instance.config.postgres;
  try {
    for (const link of await linksOut(dataDir)) {
      await replaceByRename(link.target, `${link.target}.failed`);
      await unlink(link.path);
      await symlink(`${link.target}.failed`, link.path);
    }
    await replaceByRename(dataDir, `${dataDir}.failed`);
    // Whatever somebody puts there now is whole.
    await markFinished(dataDir);
    await instance.rewindMark.clear();
    return { kind: 'done' };
  } catch (error) {
    // What the mark says is unfinished counts as nothing already.
    if (!isUnfinished(dataDir) && (await isNoClusterNow(dataDir))) return { kind: 'done' };
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

async function isNoClusterNow(dataDir: string): Promise<boolean> {
  const version = join(dataDir, 'PG_VERSION');
  return rename(version, `${version}.failed`).then(
    () => true,
    () => false,
  );
}

/**
 * Leave an empty directory, with its owner and mode: it may be a mount point, or lie where we cannot create another. Begun
 * with what makes it a cluster: what is left when this breaks off might start, and lack tables, where no mark can lie
 * beside it.
 */
export async function emptyDataDirectory(dataDir: string): Promise<void> {
  await removeFile(join(dataDir, 'PG_VERSION'));
  for (const link of await linksOut(dataDir)) await removeContent(link.target);
  await removeContent(dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
}

async function removeContent(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    if (name === 'lost+found') continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

/** Symbolic links by which a data directory reaches outside: its WAL and its tablespaces. */
async function linksOut(dataDir: string): Promise<readonly { readonly path: string; readonly target: string }[]> {
  const tablespaces = (await namesIn(join(dataDir, 'pg_tblspc'))).filter((name) => /^\d+$/.test(name));
  const candidates = [join(dataDir, 'pg_wal'), ...tablespaces.map((name) => join(dataDir, 'pg_tblspc', name))];
  const links: { readonly path: string; readonly target: string }[] = [];
  for (const path of candidates) {
    if (!(await isLink(path))) continue;
    // From where it really is: the data directory may be reached by a link, and beside that something else may lie.
    links.push({ path, target: resolve(await realpath(dirname(path)), await readlink(path)) });
  }
  return links;
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function replaceByRename(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  try {
    await rename(from, to);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
