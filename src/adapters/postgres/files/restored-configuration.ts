import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isClosedWhileRecovering, type RestoredRecovery } from '../../../domain/custom-bootstrap.ts';
import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';
import { isAbsent } from '../errors.ts';
import type { Instance } from '../instance.ts';
import { postgresqlConf } from './config-text.ts';
import {
  CONFIG_FILE,
  cleanAutoConf,
  HBA_FILE,
  includedFile,
  ownParameters,
  RECOVERY_SIGNAL,
  removeSignals,
  STANDBY_SIGNAL,
  type WrittenConfiguration,
} from './configuration.ts';
import { acceptedParameters } from './parameter-filter.ts';
import { RECOVERY_SETTINGS } from './recovery-settings.ts';
import { raisedToControl } from './server-parameters.ts';
import { trustedHba } from './trusted-hba.ts';
import { fileModeIn, readText, removeFile, writeFileIfDifferent } from './write-file.ts';

/**
 * The files for the first start of what a custom bootstrap restored (spec/postgres.md 9.2): its recovery as configured,
 * and nobody but us let in, since the passwords in it are unknown.
 */
export async function writeRestoredConfiguration(
  instance: Instance,
  desired: DesiredPostgres,
  recovery: RestoredRecovery,
): Promise<WrittenConfiguration> {
  const { postgres } = instance.config;
  const { dataDir, configDir } = postgres;
  const mode = await fileModeIn(dataDir);
  await writeSignals(dataDir, recovery, mode);
  const control = await instance.readControl();
  const { parameters: sufficient } = raisedToControl(
    ownParameters(instance.config, desired),
    control?.labels ?? new Map<string, string>(),
  );
  const accepted = acceptedParameters(sufficient, await instance.readProgram(), instance.log);
  const parameters: Record<string, string> = { ...accepted };
  if (isClosedWhileRecovering(recovery)) parameters['hot_standby'] = 'off';
  delete parameters['hba_file'];
  await keepHba(dataDir, configDir);
  await writeFileIfDifferent(join(configDir, HBA_FILE), await trustedHba(postgres), mode);
  const text = postgresqlConf({
    include: await includedFile(postgres),
    parameters,
    hbaFile: join(configDir, HBA_FILE),
    identFile: null,
    recovery: recovery.kind === 'settings' ? known(recovery.settings) : null,
  });
  const configFile = join(configDir, CONFIG_FILE);
  await writeFileIfDifferent(configFile, text, mode);
  // What the command meant for recovery may stand there.
  if (recovery.kind !== 'kept') await cleanAutoConf(dataDir, mode, parameters);
  return { configFile, parameters, changed: true };
}

/** The restored pg_hba.conf comes back when the cluster is made, unless one is configured. */
export async function restoreHba({ dataDir, configDir }: Instance['config']['postgres']): Promise<void> {
  const text = await readText(join(dataDir, HBA_BACKUP));
  if (text !== null) await writeFileIfDifferent(join(configDir, HBA_FILE), text, await fileModeIn(dataDir));
}

const HBA_BACKUP = `${HBA_FILE}.backup`;

async function keepHba(dataDir: string, configDir: string): Promise<void> {
  try {
    await copyFile(join(configDir, HBA_FILE), join(dataDir, HBA_BACKUP));
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

async function writeSignals(dataDir: string, recovery: RestoredRecovery, mode: number): Promise<void> {
  if (recovery.kind === 'kept') return;
  if (recovery.kind === 'none') return removeSignals(dataDir);
  const [wanted, other] =
    recovery.signal === 'standby' ? [STANDBY_SIGNAL, RECOVERY_SIGNAL] : [RECOVERY_SIGNAL, STANDBY_SIGNAL];
  await removeFile(join(dataDir, other));
  await writeFileIfDifferent(join(dataDir, wanted), '', mode);
}

function known(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => RECOVERY_SETTINGS.has(name)));
}
