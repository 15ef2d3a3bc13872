import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPostgresConfig } from '../../../domain/agent-config.ts';
import { errorCode, isAbsent } from '../errors.ts';
import { readText, writeFileIfDifferent } from './write-file.ts';

const NAMES = ['postgresql.conf', 'postgresql.base.conf', 'pg_hba.conf', 'pg_ident.conf'] as const;

/**
 * Copies of the configuration in the data directory, so that a base backup carries them even from a server that keeps
 * its configuration elsewhere (spec/postgres.md 6.6).
 */
export async function backUpConfiguration(config: Pick<LocalPostgresConfig, 'dataDir' | 'configDir'>): Promise<void> {
  for (const name of NAMES) {
    const text = await readText(join(config.configDir, name));
    if (text !== null) await writeFileIfDifferent(join(config.dataDir, `${name}.backup`), text, 0o600);
  }
}

/** After a clone: whatever is missing comes back from its copy. */
export async function restoreConfiguration(config: Pick<LocalPostgresConfig, 'dataDir' | 'configDir'>): Promise<void> {
  for (const name of NAMES) {
    const target = join(config.configDir, name);
    try {
      await copyFile(join(config.dataDir, `${name}.backup`), target, constants.COPYFILE_EXCL);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      if (!isAbsent(error)) throw error;
      if (name === 'pg_ident.conf' && (await readText(target)) === null) await writeFileIfDifferent(target, '', 0o600);
    }
  }
}
