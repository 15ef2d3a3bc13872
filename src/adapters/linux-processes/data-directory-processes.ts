import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PostgresProcesses } from '../../ports/guardian.ts';
import { readStat } from './process-stat.ts';

/**
 * Every process of a data directory: PostgreSQL's processes, and what they started, have it as their working
 * directory. A person's shell or `tail` in that directory is not one of them: it has a terminal, and PostgreSQL's
 * children never have (each makes a session of its own).
 * Synchronous, because a fence must not wait for its turn in an event loop.
 */
export function processesOfDataDirectory(dataDir: string): PostgresProcesses {
  const directory = identityOf(dataDir);
  const named = postmasterPid(dataDir);
  const pids = pidsOfMachine().filter(
    (pid) => pid !== process.pid && worksIn(pid, directory) && (pid === named || isServer(pid)),
  );
  const postmaster = named !== null && pids.includes(named) ? named : null;
  return { postmaster, others: pids.filter((pid) => pid !== postmaster) };
}

/** The first line of `postmaster.pid`. It may be stale: the number counts only for a process of the directory. */
function postmasterPid(dataDir: string): number | null {
  const text = attempt(() => readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'));
  // Negative: a single-user server.
  const pid = Math.abs(Number.parseInt(text?.split('\n', 1)[0] ?? '', 10));
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

type DirectoryIdentity = { readonly path: string; readonly device: bigint | null; readonly inode: bigint | null };

function identityOf(dataDir: string): DirectoryIdentity {
  const stat = attempt(() => statSync(dataDir, { bigint: true }));
  const path = attempt(() => realpathSync(dataDir)) ?? dataDir;
  return { path, device: stat?.dev ?? null, inode: stat?.ino ?? null };
}

/** By inode, which sees through bind mounts; by name, which still sees a directory that was removed or moved. */
function worksIn(pid: number, directory: DirectoryIdentity): boolean {
  const link = `/proc/${pid}/cwd`;
  const target = attempt(() => readlinkSync(link));
  if (target === null) return false; // gone, a zombie, or another user's
  if (target === directory.path || target === `${directory.path} (deleted)`) return true;
  if (directory.inode === null) return false;
  const stat = attempt(() => statSync(link, { bigint: true }));
  return stat !== null && stat.dev === directory.device && stat.ino === directory.inode;
}

function isServer(pid: number): boolean {
  const stat = readStat(pid);
  if (stat === null) return false;
  return stat.terminal === 0 || isPostgres(pid);
}

/** A server that somebody started by hand in a terminal. */
function isPostgres(pid: number): boolean {
  const executable = attempt(() => readlinkSync(`/proc/${pid}/exe`));
  return executable !== null && /^(postgres|postmaster|edb-postgres)( \(deleted\))?$/.test(basename(executable));
}

function pidsOfMachine(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

/** What cannot be read is not there any more, or not ours to see. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
