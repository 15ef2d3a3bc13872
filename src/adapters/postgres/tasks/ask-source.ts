import type { Upstream } from '../../../domain/desired-postgres.ts';
import { openSession, type Session } from '../connection/session.ts';
import { reasonOf } from '../errors.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import type { Instance } from '../instance.ts';

const CONNECT_LIMIT_MS = 3_000;

/**
 * Ask the primary that pg_rewind reads from, as the user that it connects as. Of several hosts the first counts that `ask`
 * has nothing against. @returns what stood against the last one; `null`: nothing. With `signal` the connection ends.
 */
export async function askSource(
  instance: Instance,
  { from, signal }: { readonly from: Upstream; readonly signal: AbortSignal },
  ask: (session: Session) => Promise<string | null>,
): Promise<string | null> {
  let why = 'no host to ask';
  for (const host of from.host.split(',')) {
    if (signal.aborted) return why;
    const said = await askAt(instance, { from: { ...from, host }, signal }, ask);
    if (said === null) return null;
    why = `${host}:${from.port}: ${said}`;
  }
  return why;
}

async function askAt(
  instance: Instance,
  { from, signal }: { readonly from: Upstream; readonly signal: AbortSignal },
  ask: (session: Session) => Promise<string | null>,
): Promise<string | null> {
  const opened = await openSession({
    target: upstreamTarget(from, instance.config.postgres.rewind),
    applicationName: 'Matriarch',
    connectLimitMs: CONNECT_LIMIT_MS,
    // A checkpoint of a busy server takes its time.
    settings: { statement_timeout: '0' },
    near: false,
  });
  if (opened.kind !== 'open') return opened.reason;
  const { session } = opened;
  // A query under way, which nothing bounds, then fails.
  const end = (): void => void session.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) return 'not asked';
    const [recovery] = await session.rows('SELECT pg_catalog.pg_is_in_recovery() AS in_recovery');
    return recovery?.['in_recovery'] === 'f' ? await ask(session) : 'it is in recovery';
  } catch (error) {
    return reasonOf(error);
  } finally {
    signal.removeEventListener('abort', end);
    await session.close();
  }
}
