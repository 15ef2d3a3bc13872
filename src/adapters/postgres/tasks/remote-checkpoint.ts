import type { Upstream } from '../../../domain/desired-postgres.ts';
import { openSession, type Session } from '../connection/session.ts';
import { reasonOf } from '../errors.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import type { Instance } from '../instance.ts';

const CONNECT_LIMIT_MS = 3_000;

/**
 * pg_rewind believes the source's control file: of a primary that was just promoted and has not checkpointed it would see
 * nothing to rewind. A member says in its key when it has; a primary of another cluster is made to, or asked.
 * @returns why the source cannot be rewound from; `null`: it can.
 */
export async function remoteCheckpoint(instance: Instance, from: Upstream): Promise<string | null> {
  let why = 'no host to ask';
  for (const host of from.host.split(',')) {
    const said = await checkpointAt(instance, { ...from, host });
    if (said === null) return null;
    why = `${host}:${from.port}: ${said}`;
  }
  return why;
}

async function checkpointAt(instance: Instance, from: Upstream): Promise<string | null> {
  const opened = await openSession({
    target: upstreamTarget(from, instance.config.postgres.rewind),
    applicationName: 'Matriarch',
    connectLimitMs: CONNECT_LIMIT_MS,
    // A checkpoint of a busy server takes its time.
    settings: { statement_timeout: '0' },
    near: false,
  });
  if (opened.kind !== 'open') return opened.reason;
  try {
    return await askForCheckpoint(opened.session);
  } catch (error) {
    return reasonOf(error);
  } finally {
    await opened.session.close();
  }
}

async function askForCheckpoint(session: Session): Promise<string | null> {
  const [recovery] = await session.rows('SELECT pg_catalog.pg_is_in_recovery() AS in_recovery');
  if (recovery?.['in_recovery'] !== 'f') return 'it is in recovery';
  // Not everybody may ask for one; then it comes by itself, and is waited for.
  await session.rows('CHECKPOINT').catch(() => []);
  const [row] = await session.rows(CHECKPOINTED);
  return row?.['is_done'] === 't' ? null : 'it has not checkpointed since its promotion';
}

const CHECKPOINTED = `SELECT timeline_id = ('x' || pg_catalog.substr(
    pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::bigint AS is_done
  FROM pg_catalog.pg_control_checkpoint()`;
