import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { Instance } from '../instance.ts';
import { askSource } from './ask-source.ts';

/**
 * pg_rewind believes the source's control file: of a primary that was just promoted and has not checkpointed it would see
 * nothing to rewind. A member says in its key when it has; it may have been promoted anew since.
 * @returns why the source cannot be rewound from; `null`: nothing shows that. What keeps it from being asked keeps pg_rewind
 * from it, too, and that says more of it.
 */
export async function leaderCheckpoint(
  instance: Instance,
  from: Upstream,
  signal: AbortSignal,
): Promise<string | null> {
  let lacking: string | null = null;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
  await askSource(instance, { from, signal: limited }, async (session) => {
    const [row] = await session.rows(CHECKPOINTED);
    lacking = row?.['is_done'] === 'f' ? LACKING : null;
    return null;
  });
  return lacking;
}

/**
 * The same of a primary of another cluster, which is made to, or asked.
 * @returns why the source cannot be rewound from; `null`: it can.
 */
export function remoteCheckpoint(instance: Instance, from: Upstream, signal: AbortSignal): Promise<string | null> {
  return askSource(instance, { from, signal }, async (session) => {
    // Not everybody may ask for one; then it comes by itself, and is waited for.
    await session.rows('CHECKPOINT').catch(() => []);
    const [row] = await session.rows(CHECKPOINTED);
    return row?.['is_done'] === 't' ? null : LACKING;
  });
}

const CHECKPOINTED = `SELECT timeline_id = ('x' || pg_catalog.substr(
    pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::bigint AS is_done
  FROM pg_catalog.pg_control_checkpoint()`;

const LACKING = 'it has not checkpointed since its promotion';
/** Nothing is made to happen there, and pg_rewind has limits of its own. */
const ANSWER_LIMIT_MS = 10_000;
