import type { LocalPostgresConfig } from '../../../domain/agent-config.ts';
import type { DesiredStandby } from '../../../domain/desired-postgres.ts';
import { type ConnectionTarget, conninfoText } from '../connection/conninfo.ts';

/** Every setting that steers recovery; none of them is ever written among the ordinary parameters. */
export const RECOVERY_SETTINGS: ReadonlySet<string> = new Set([
  'archive_cleanup_command',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'recovery_end_command',
  'recovery_min_apply_delay',
  'recovery_target',
  'recovery_target_action',
  'recovery_target_inclusive',
  'recovery_target_lsn',
  'recovery_target_name',
  'recovery_target_time',
  'recovery_target_timeline',
  'recovery_target_xid',
  'restore_command',
]);

/**
 * So that no included file stops a standby somewhere in the past. Said to a primary, too, whom they mean nothing: of one that was
 * promoted with them PostgreSQL would say at each reload that its file has errors, since only a restart takes them away.
 */
export const NO_TARGET = {
  recovery_target: '',
  recovery_target_lsn: '',
  recovery_target_name: '',
  recovery_target_time: '',
  recovery_target_timeline: 'latest',
  recovery_target_xid: '',
} as const;

/** As empty, where nobody is followed, or without a slot: an included file may name others. */
const NO_UPSTREAM = { primary_conninfo: '', primary_slot_name: '' } as const;

/** What a standby's configuration says about where WAL comes from (spec/postgres.md 7.2). */
export function recoverySettings(
  standby: DesiredStandby,
  config: Pick<LocalPostgresConfig, 'replication' | 'pgpassFile' | 'section'>,
  major: number,
): Readonly<Record<string, string>> {
  const own = Object.entries(standby.recovery).filter(
    ([name]) => RECOVERY_SETTINGS.has(name) && !isOurs(name) && !(name === 'promote_trigger_file' && major >= 16),
  );
  const settings: Record<string, string> = {
    ...Object.fromEntries(own),
    ...NO_TARGET,
    ...NO_UPSTREAM,
  };
  if (standby.upstream === null) return settings;
  const krbsrvname = config.section['krbsrvname'];
  settings['primary_conninfo'] = conninfoText(upstreamTarget(standby.upstream, config.replication), major, {
    application_name: standby.upstream.applicationName,
    ...(config.replication.password === null ? {} : { passfile: config.pgpassFile }),
    ...(standby.upstream.readWrite === true ? { target_session_attrs: 'read-write' } : {}),
    ...(typeof krbsrvname === 'string' ? { krbsrvname } : {}),
  });
  if (standby.slot !== null) settings['primary_slot_name'] = standby.slot;
  return settings;
}

/** An upstream as a place to connect to with the given credentials. */
export function upstreamTarget(
  upstream: { readonly host: string; readonly port: number; readonly database: string },
  credentials: ConnectionTarget['credentials'],
): ConnectionTarget {
  return { host: upstream.host, port: upstream.port, database: upstream.database, credentials };
}

function isOurs(name: string): boolean {
  return name.startsWith('recovery_target') || name === 'primary_conninfo' || name === 'primary_slot_name';
}
