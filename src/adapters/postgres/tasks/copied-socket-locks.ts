import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * With `unix_socket_directories: .` a server keeps its socket's lock file in the data directory, so a base backup or a
 * rewind brings the source's along. It names the source's postmaster; where some process here happens to have that
 * number (in containers the numbers are alike), PostgreSQL would refuse to start. Only while no server runs here.
 */
export async function removeCopiedSocketLocks(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (/^\.s\.PGSQL\.\d+\.lock$/.test(name)) await rm(join(dataDir, name), { force: true });
  }
}
