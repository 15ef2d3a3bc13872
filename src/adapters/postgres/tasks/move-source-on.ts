import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { Instance } from '../instance.ts';
import { askSource } from './ask-source.ts';

const LIMIT_MS = 5_000;

/**
 * What was rewound is consistent where the source was about to write its next record. If the source's last record ends
 * with a page of WAL, that lies behind the next page's header, which comes with the next record only: beside a source that
 * nobody writes to, the standby would wait for it for ever. A transaction of nothing but its number is such a record.
 *
 * Where it cannot be written, the next write of anybody does.
 */
export async function moveSourceOn(instance: Instance, from: Upstream): Promise<void> {
  await askSource(instance, { from, signal: AbortSignal.timeout(LIMIT_MS) }, async (session) => {
    await session.rows('SELECT pg_catalog.txid_current()');
    return null;
  });
}
