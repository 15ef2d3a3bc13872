import { accessSync, constants, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAbsent, reasonOf } from './errors.ts';
import { isUnfinished } from './files/unfinished.ts';
import { isEmpty } from './observe/data-directory.ts';

/** Whoever the process works as, as messages call them. */
export type Owner = { readonly uid: number; readonly name: string };

/** Rights for others, and to write for the group: PostgreSQL starts in no directory that has one of them. */
const REFUSED_BY_POSTGRES = 0o027;
const OWNERS_RIGHTS = 0o700;

/**
 * Why PostgreSQL cannot live in `dataDir` as long as nobody changes its owner or mode, with the command that does.
 * `null`: it can, or nothing is known against it. An empty directory may have any mode: it is closed when it is filled.
 */
export function whyUnusable(dataDir: string, self: Owner): string | null {
  try {
    const stats = statSync(dataDir);
    if (!stats.isDirectory()) return 'it is a file, and has to be a directory';
    return wrongOwner(stats, self) ?? wrongContent(dataDir, stats);
  } catch (error) {
    if (isAbsent(error)) return whyNotCreatable(dataDir, self);
    return `${reasonOf(error)}: let ${self.name} into every directory above it`;
  }
}

/** No command that changes everything below it: a mistyped path may name anything. */
function wrongOwner({ uid }: Stats, self: Owner): string | null {
  if (uid === self.uid) return null;
  const remedy = `start the agent as that user, or, if it is PostgreSQL's, give it to ${self.name} (chown -R)`;
  return `it belongs to user ${uid}, and the agent runs as ${self.name} (${self.uid}): ${remedy}`;
}

function wrongContent(dataDir: string, { mode }: Stats): string | null {
  const closed = `and PostgreSQL accepts only 0700 and 0750: chmod 0700 ${dataDir}`;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & OWNERS_RIGHTS) !== OWNERS_RIGHTS) return `its mode is ${octal}, ${closed}`;
  const names = new Set(readdirSync(dataDir));
  if (isEmpty(names) || isUnfinished(dataDir)) return null;
  if (!names.has('PG_VERSION')) {
    return 'it is neither empty nor a data directory (it has no PG_VERSION): name one that is, or a new one';
  }
  return (mode & REFUSED_BY_POSTGRES) === 0 ? null : `its mode is ${octal}, ${closed}`;
}

function whyNotCreatable(dataDir: string, self: Owner): string | null {
  const above = whyNotWritable(dirname(dataDir), self);
  return above === null
    ? null
    : `it does not exist, and ${above}: as root: install -d -o ${self.name} -m 0700 ${dataDir}`;
}

/** Why nothing can be put into `folder`, or it cannot be made: the nearest one that is there is what counts. */
export function whyNotWritable(folder: string, self: Owner): string | null {
  const there = nearest(folder);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return `${self.name} may not write in ${there}`;
  }
}

function nearest(path: string): string {
  const above = dirname(path);
  return above === path || isThere(path) ? path : nearest(above);
}

/** What is hidden behind a closed directory counts: nothing is made beyond it either. */
function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    return !isAbsent(error);
  }
}
