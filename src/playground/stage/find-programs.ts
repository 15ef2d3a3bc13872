import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where PostgreSQL's programs and etcd really are.
 * @throws when one of them is not installed.
 */
export function findPrograms(path: string): { readonly postgres: string; readonly etcd: string } {
  const postgres = findPostgres(path);
  const etcd = findOnPath('etcd', path);
  if (postgres === null || etcd === null) {
    throw new Error(`${postgres === null ? 'PostgreSQL' : 'etcd'} is not installed: ./run setup brings it`);
  }
  return { postgres: dirname(realpathSync(join(postgres, 'postgres'))), etcd: realpathSync(etcd) };
}

/**
 * The folder with PostgreSQL's programs: the newest of Debian's packages, of PGDG's, or the one on the PATH.
 * @returns `null` when there is none.
 */
function findPostgres(path: string): string | null {
  const packaged = [...versionsIn('/usr/lib/postgresql', ''), ...versionsIn('/usr', 'pgsql-')];
  const folders = [...packaged.map((folder) => join(folder, 'bin')), ...path.split(':')];
  return folders.find((folder) => isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres'))) ?? null;
}

/** @returns its full path; `null` when there is none. */
function findOnPath(name: string, path: string): string | null {
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
