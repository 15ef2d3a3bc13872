import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder with PostgreSQL's programs: the newest of Debian's packages, of PGDG's, or the one on the PATH.
 * @returns `null` when there is none.
 */
export function findPostgres(path: string): string | null {
  const packaged = [...versionsIn('/usr/lib/postgresql', ''), ...versionsIn('/usr', 'pgsql-')];
  const folders = [...packaged.map((folder) => join(folder, 'bin')), ...path.split(':')];
  return folders.find((folder) => isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres'))) ?? null;
}

/** @returns its full path; `null` when there is none. */
export function findOnPath(name: string, path: string): string | null {
  return (
    path
      .split(':')
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  );
}

/** Folders named by a version, newest first. */
function versionsIn(parent: string, prefix: string): readonly string[] {
  try {
    return readdirSync(parent)
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .toSorted((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))
      .map((name) => join(parent, name));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
