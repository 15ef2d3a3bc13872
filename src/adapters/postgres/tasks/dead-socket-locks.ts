import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from '../errors.ts';
import type { WrittenConfiguration } from '../files/configuration.ts';
import { readText } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';
import { realPath } from '../process/process-table.ts';
import { serverSetting } from './archive-ready.ts';

/**
 * Beside its socket a server keeps a lock file with its number and its directory. After it was killed another process may
 * have that number (in containers the numbers are alike), or nobody reaps it: PostgreSQL then refuses to start, and only what
 * postmaster.pid names can be told to it, which a recovery in between removes. Only while no server runs here.
 */
export async function removeDeadSocketLocks(
  instance: Instance,
  { parameters }: Pick<WrittenConfiguration, 'parameters'>,
): Promise<void> {
  const { dataDir, port } = instance.config.postgres;
  const folders = parameters['unix_socket_directories'] ?? (await serverSetting(instance, 'unix_socket_directories'));
  for (const folder of socketFolders(folders ?? '')) {
    const lock = join(resolve(dataDir, folder), `.s.PGSQL.${port}.lock`);
    if (await isOf(dataDir, lock)) await rm(lock, { force: true });
  }
}

/** Those that begin with `@` are in no file system. */
function socketFolders(list: string): readonly string[] {
  return list
    .split(',')
    .map((each) => each.trim().replace(/^"(.*)"$/, '$1'))
    .filter((each) => each !== '' && !each.startsWith('@'));
}

/** One that we may not read is somebody else's. */
async function isOf(dataDir: string, lock: string): Promise<boolean> {
  try {
    const [, directory] = ((await readText(lock)) ?? '').split('\n');
    return directory !== undefined && directory !== '' && realPath(directory) === realPath(dataDir);
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return false;
  }
}
