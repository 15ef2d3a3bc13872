import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionTarget } from '../connection/conninfo.ts';
import { pgpassLines } from '../connection/pgpass.ts';

/**
 * Give `work` a file with the password for a server, and the environment that makes libpq read it. The file is the
 * tool's alone and gone afterwards: the one that a running standby reads is not touched.
 */
export async function withPasswordFile<T>(
  target: ConnectionTarget,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const lines = pgpassLines(target);
  if (lines.length === 0) return work({});
  return withSecretFile(`${lines.join('\n')}\n`, (path) => work({ PGPASSFILE: path }));
}

/** A file that only we can read, for as long as `work` takes. */
export async function withSecretFile<T>(text: string, work: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'matriarch-'));
  try {
    const path = join(directory, randomBytes(8).toString('hex'));
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return await work(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
