import { readdirSync } from 'node:fs';
import { executableName, inodeOf, processEntry, realPath, workingDirectory } from './process-table.ts';

/**
 * Every process of the server that owns `dataDir`, and what that server started: their working directory is the data
 * directory. A SIGKILLed postmaster leaves backends that go on committing (docs/faults.md), and nothing but their
 * working directory still says whose they are. An operator's shell or `tail` in the directory has a terminal, which
 * nothing that PostgreSQL starts ever has. The guardian looks for the same processes.
 */
export function processesOf(dataDir: string, postgresNames: ReadonlySet<string>): readonly number[] {
  const directory = { path: realPath(dataDir), identity: inodeOf(dataDir) };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && worksIn(pid, directory) && isServer(pid, postgresNames));
}

type Directory = { readonly path: string; readonly identity: string | null };

/** By name, which still sees a directory that was removed or moved; by inode, which sees through bind mounts. */
function worksIn(pid: number, directory: Directory): boolean {
  const path = workingDirectory(pid);
  if (path === null) return false;
  if (path === directory.path || path === `${directory.path} (deleted)`) return true;
  return directory.identity !== null && inodeOf(`/proc/${pid}/cwd`) === directory.identity;
}

function isServer(pid: number, postgresNames: ReadonlySet<string>): boolean {
  const entry = processEntry(pid);
  if (entry === null) return false;
  return !entry.hasTerminal || postgresNames.has(executableName(pid) ?? '');
}
