import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentConfig } from '../../../domain/agent-config.ts';
import type { DesiredPostgres } from '../../../domain/desired-postgres.ts';
import { pgpassLines } from '../connection/pgpass.ts';
import type { Instance } from '../instance.ts';
import { parseMajorVersion } from '../version.ts';
import { linesFile, postgresqlConf, withoutSettings } from './config-text.ts';
import { namesIn } from './names-in.ts';
import { acceptedParameters } from './parameter-filter.ts';
import { NO_TARGET, RECOVERY_SETTINGS, recoverySettings, upstreamTarget } from './recovery-settings.ts';
import { derivedParameters, raisedToControl } from './server-parameters.ts';
import { fileModeIn, readText, removeFile, writeFileIfDifferent } from './write-file.ts';

export type WrittenConfiguration = {
  readonly configFile: string;
  /** As written: derived, raised, filtered. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly changed: boolean;
};

export const CONFIG_FILE = 'postgresql.conf';
const BASE_FILE = 'postgresql.base.conf';
export const HBA_FILE = 'pg_hba.conf';
const IDENT_FILE = 'pg_ident.conf';
export const STANDBY_SIGNAL = 'standby.signal';
export const RECOVERY_SIGNAL = 'recovery.signal';

/**
 * Make the files say what is desired. A standby's signal file comes before everything else, and a primary's signal
 * files go after everything else: a crash in between leaves a server that starts as a standby, never one that writes.
 */
export async function writeConfiguration(
  instance: Instance,
  desired: DesiredPostgres,
  signals: 'set-and-remove' | 'set-only',
): Promise<WrittenConfiguration> {
  const { postgres } = instance.config;
  const mode = await fileModeIn(postgres.dataDir);
  const configMode = postgres.configDir === postgres.dataDir ? mode : 'by-umask';
  const major = parseMajorVersion((await readText(join(postgres.dataDir, 'PG_VERSION'))) ?? '') ?? 0;
  if (desired.standby !== null) {
    await writeFileIfDifferent(join(postgres.dataDir, STANDBY_SIGNAL), '', mode);
    await removeFile(join(postgres.dataDir, RECOVERY_SIGNAL));
    await writePasswordFile(instance, desired);
  }

  const derived = ownParameters(instance.config, desired);
  const control = desired.standby === null ? null : await instance.readControl();
  const { parameters: sufficient, raised } = raisedToControl(derived, control?.labels ?? new Map<string, string>());
  instance.raised.current = raised;
  const parameters = acceptedParameters(sufficient, await instance.readProgram(), instance.log);

  const text = postgresqlConf({
    include: await includedFile(postgres),
    parameters: desired.standby === null ? { ...parameters, ...NO_TARGET } : parameters,
    hbaFile: parameters['hba_file'] === undefined ? join(postgres.configDir, HBA_FILE) : null,
    identFile: parameters['ident_file'] === undefined ? join(postgres.configDir, IDENT_FILE) : null,
    recovery: desired.standby === null ? null : recoverySettings(desired.standby, postgres, major),
  });
  const configFile = join(postgres.configDir, CONFIG_FILE);
  const writes = [
    // Whoever names another file says there who may connect.
    desired.hba === null || parameters['hba_file'] !== undefined
      ? 'same'
      : await writeFileIfDifferent(join(postgres.configDir, HBA_FILE), linesFile(desired.hba), configMode),
    desired.ident === null || parameters['ident_file'] !== undefined
      ? 'same'
      : await writeFileIfDifferent(join(postgres.configDir, IDENT_FILE), linesFile(desired.ident), configMode),
    await writeFileIfDifferent(configFile, text, configMode),
    await cleanAutoConf(postgres.dataDir, mode, parameters),
  ];
  if (desired.standby === null && signals === 'set-and-remove') await removeSignals(postgres.dataDir);
  return { configFile, parameters, changed: writes.includes('written') };
}

/** The parameters with those laid over them that are this member's own. */
export function ownParameters(
  { scope, postgres }: AgentConfig,
  desired: DesiredPostgres,
): DesiredPostgres['parameters'] {
  const { listenAddresses, port, configDir } = postgres;
  return derivedParameters(desired.parameters, { clusterName: scope, listenAddresses, port, configDir });
}

/** The operator's own file, which ours includes: the one that is configured, or what initdb wrote. */
export async function includedFile({ section, configDir }: AgentConfig['postgres']): Promise<string> {
  const custom = section['custom_conf'];
  if (typeof custom === 'string' && custom !== '') return custom;
  await keepOriginal(configDir);
  return BASE_FILE;
}

export async function removeSignals(dataDir: string): Promise<void> {
  await removeFile(join(dataDir, RECOVERY_SIGNAL));
  await removeFile(join(dataDir, STANDBY_SIGNAL));
}

/** What initdb or the operator wrote is renamed once, and included from then on. */
async function keepOriginal(configDir: string): Promise<void> {
  const names = await namesIn(configDir);
  if (names.includes(BASE_FILE)) return;
  if (names.includes(CONFIG_FILE)) await rename(join(configDir, CONFIG_FILE), join(configDir, BASE_FILE));
  // A copy of a server that keeps its configuration elsewhere has neither file; PostgreSQL's defaults then hold.
  else await writeFileIfDifferent(join(configDir, BASE_FILE), '', 0o600);
}

/**
 * What `pg_basebackup -R` and ALTER SYSTEM left there about recovery would win over ours; so would names of standbys, on
 * which the sync key rests.
 */
export async function cleanAutoConf(
  dataDir: string,
  mode: number,
  ours: WrittenConfiguration['parameters'],
): Promise<'written' | 'same'> {
  const path = join(dataDir, 'postgresql.auto.conf');
  const text = await readText(path);
  if (text === null) return 'same';
  const names = ours[SYNC_NAMES] === undefined ? RECOVERY_SETTINGS : new Set([...RECOVERY_SETTINGS, SYNC_NAMES]);
  return writeFileIfDifferent(path, withoutSettings(text, names), mode);
}

const SYNC_NAMES = 'synchronous_standby_names';

async function writePasswordFile(instance: Instance, desired: DesiredPostgres): Promise<void> {
  const { postgres } = instance.config;
  const upstream = desired.standby?.upstream ?? null;
  if (upstream === null) return;
  const lines = pgpassLines(upstreamTarget(upstream, postgres.replication));
  if (lines.length === 0) return;
  await mkdir(dirname(postgres.pgpassFile), { recursive: true, mode: 0o700 });
  await writeFileIfDifferent(postgres.pgpassFile, `${lines.join('\n')}\n`, 0o600);
}
