import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreConfiguration } from '../files/backup.ts';
import { RECOVERY_SIGNAL, STANDBY_SIGNAL } from '../files/configuration.ts';
import { fileModeIn, writeFileIfDifferent } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';

/** From here on the directory is a standby's, whoever starts it. */
export async function finishCopy(instance: Instance): Promise<void> {
  const { postgres } = instance.config;
  await writeFileIfDifferent(join(postgres.dataDir, STANDBY_SIGNAL), '', await fileModeIn(postgres.dataDir));
  await restoreConfiguration(postgres);
  for (const name of await readdir(postgres.dataDir)) {
    if (LEFT_OVER.has(name)) await rm(join(postgres.dataDir, name));
  }
}

/** What the source, or its backup, meant for itself. `promote` would end the recovery that is about to begin. */
const LEFT_OVER: ReadonlySet<string> = new Set(['postmaster.pid', RECOVERY_SIGNAL, 'promote']);
