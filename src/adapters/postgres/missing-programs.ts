import { accessSync, constants, globSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { LocalPostgresConfig } from '../../domain/agent-config.ts';
import { type ToolName, toolPath } from './binaries.ts';

/** Where packages put the server's programs when they leave PATH alone: Debian's, those of postgresql.org for RPM. */
const USUAL_PLACES = [
  '/usr/lib/postgresql/*/bin/postgres',
  '/usr/pgsql-*/bin/postgres',
  '/usr/local/pgsql/bin/postgres',
];

/**
 * Which programs of PostgreSQL are not where the configuration says, or may not be run by this user, as a sentence that
 * names them, where they were looked for, and what to do. `null`: all are there.
 */
export function missingPrograms(
  config: Pick<LocalPostgresConfig, 'binDir' | 'binNames'>,
  where: { readonly needed: readonly ToolName[]; readonly searchPath: string },
): string | null {
  const folders = where.searchPath.split(delimiter);
  const missing = where.needed.map((tool) => toolPath(config, tool)).filter((path) => !isThere(path, folders));
  if (missing.length === 0) return null;
  const names = missing.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  const place = config.binDir === '' ? `it is not set, and PATH (${where.searchPath})` : config.binDir;
  return `${place} has no ${names} that this user may run: ${advice()}`;
}

function isThere(path: string, folders: readonly string[]): boolean {
  const candidates = path.includes('/') ? [path] : folders.map((folder) => join(folder, path));
  return candidates.some(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function advice(): string {
  const found = globSync(USUAL_PLACES).map(dirname).toSorted();
  return found.length === 0
    ? 'install PostgreSQL, or set bin_dir to the folder of its programs'
    : `set bin_dir to the folder of PostgreSQL's programs (here is ${found.join(', ')})`;
}
