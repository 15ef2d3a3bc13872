import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { between, type Instant, type Millis, millis } from '../../domain/time.ts';

/**
 * How old what `GET /patroni` says of PostgreSQL is, in whole milliseconds: ours, so it is no field of the document,
 * which other tools compare byte for byte. Who does not send it asked its server live.
 */
const LOOKED_AGO_HEADER = 'x-matriarch-looked-ms-ago';

/** The header of one answer; none before the first look. */
export function lookedAgoHeader({ observation }: NodeSnapshot, now: Instant): Readonly<Record<string, string>> {
  if (observation.postgres === null) return {};
  const ago = Math.max(0, Math.round(between(observation.postgres.observedAt, now)));
  return { [LOOKED_AGO_HEADER]: String(ago) };
}

/** @returns `null` when there is none, or nothing that can be read. */
export function readLookedAgo(headers: Readonly<Record<string, unknown>>): Millis | null {
  const text = headers[LOOKED_AGO_HEADER];
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? millis(Number(text)) : null;
}
