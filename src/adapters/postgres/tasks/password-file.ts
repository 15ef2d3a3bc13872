import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LocalPostgresConfig } from '../../../domain/agent-config.ts';
import type { ConnectionTarget } from '../connection/conninfo.ts';
import { pgpassLines } from '../connection/pgpass.ts';
import type { Environment } from '../process/environment.ts';

type Place = Pick<LocalPostgresConfig, 'pgpassFile'>;

/**
 * Give `work` a file with the password for a server, and the environment that makes libpq read it: a password in the
 * agent's own environment, which may be another role's, would come first. The file is the tool's alone and gone afterwards:
 * the one that a running standby reads is not touched.
 */
export async function withPasswordFile<T>(
  place: Place,
  target: ConnectionTarget,
  work: (environment: Environment) => Promise<T>,
): Promise<T> {
  const lines = pgpassLines(target);
  if (lines.length === 0) return work({});
  return withSecretFile(place, `${lines.join('\n')}\n`, (path) => work({ PGPASSFILE: path, PGPASSWORD: undefined }));
}

/**
 * A file that only we can read, for as long as `work` takes. Tasks run one at a time, so its name is always the same:
 * what an agent that was killed left behind is overwritten by the next task instead of lying about for ever.
 */
export async function withSecretFile<T>(place: Place, text: string, work: (path: string) => Promise<T>): Promise<T> {
  const path = `${place.pgpassFile}.task`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return await work(path);
  } finally {
    await rm(path, { force: true });
  }
}
