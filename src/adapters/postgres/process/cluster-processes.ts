import { readdirSync } from 'node:fs';
import { executableName, processEntry, realPath, workingDirectory } from './process-table.ts';

/**
 * Every process of the server that owns `dataDir`, postmaster or not: its working directory is the data directory,
 * and its executable is PostgreSQL's (or cannot be read). A SIGKILLed postmaster leaves backends that go on committing
 * (docs/faults.md), and nothing but their working directory still says whose they are. The executable keeps the shell
 * of an operator who changed into the directory out of it.
 */
export function processesOf(dataDir: string, postgresNames: ReadonlySet<string>): readonly number[] {
  const directory = realPath(dataDir);
  const own = process.pid;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== own && workingDirectory(pid) === directory)
    .filter((pid) => processEntry(pid) !== null && isPostgres(executableName(pid), postgresNames));
}

function isPostgres(name: string | null, postgresNames: ReadonlySet<string>): boolean {
  return name === null || postgresNames.has(name);
}
