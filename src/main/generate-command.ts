import { lookup } from 'node:dns/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { env } from 'node:process';
import { isJsonObject, type JsonObject } from '../domain/json.ts';
import { readEnvironment } from '../wire/config/environment.ts';
import { renderConfiguration } from '../wire/generate/render.ts';
import { sampleDocument } from '../wire/generate/sample.ts';
import { thisMachine } from './machine-checks.ts';

/**
 * `--generate-sample-config [FILE]`: a configuration to be filled in, for the server that is installed.
 * @returns the exit status
 * @see spec/config.md 12
 */
export async function runGenerateSample(file: string | null): Promise<number> {
  const { document: environment, notices } = readEnvironment(env);
  for (const notice of notices) process.stderr.write(`warning: ${notice}\n`);
  const server = installedServer(environment);
  if (server === null) {
    process.stderr.write(
      'matriarch: no postgres program is on the search path that tells its version: set PATRONI_POSTGRESQL_BIN_DIR to the folder of PostgreSQL’s programs\n',
    );
    return 1;
  }
  return writeOut(file, sampleDocument({ hostName: hostname(), address: await ownAddress(), server, environment }));
}

/** Of the server that `postgresql.bin_dir` and `bin_name` of the environment name; `null`: it tells none. */
function installedServer(environment: JsonObject): number | null {
  const postgresql = isJsonObject(environment['postgresql']) ? environment['postgresql'] : {};
  const names = isJsonObject(postgresql['bin_name']) ? postgresql['bin_name'] : {};
  const program = typeof names['postgres'] === 'string' ? names['postgres'] : 'postgres';
  const folder = typeof postgresql['bin_dir'] === 'string' ? postgresql['bin_dir'] : '';
  const version = thisMachine(env['PATH'] ?? '').majorVersion(program, folder);
  return version === null ? null : Number(version);
}

/** The first that the host name stands for, of the older family if there is one. */
export async function ownAddress(): Promise<string | null> {
  try {
    const all = await lookup(hostname(), { all: true });
    return (all.find(({ family }) => family === 4) ?? all[0])?.address ?? null;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    process.stderr.write(`warning: no address is known of ${hostname()}: ${error.message}\n`);
    return null;
  }
}

/** To the file, with the folders above it; to standard output where none is named. */
export function writeOut(file: string | null, document: JsonObject): number {
  const text = renderConfiguration(document);
  if (file === null) {
    process.stdout.write(text);
    return 0;
  }
  try {
    mkdirSync(dirname(file), { recursive: true });
    // It is to hold passwords.
    writeFileSync(file, text, { mode: 0o600 });
    return 0;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    process.stderr.write(`matriarch: ${file} cannot be written: ${error.message}\n`);
    return 1;
  }
}
