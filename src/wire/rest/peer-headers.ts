import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { isOnOldWal } from '../../domain/postgres-report.ts';
import { between, type Instant, type Millis, millis } from '../../domain/time.ts';
import { getsNoLock, isVetoed } from '../../domain/vetoed.ts';

/** What members of our kind add to `GET /patroni`: no fields of the document, which other tools compare byte for byte. */
export type PeerHeaders = {
  /** How long before the answer its agent looked at PostgreSQL; `null`: it does not say, as who asks it live. */
  readonly lookedAgo: Millis | null;
  /** There is more WAL than its positions say. */
  readonly isOnOldWal: boolean;
  /** Its `pre_promote` said no a moment ago. */
  readonly keepsOut: boolean;
  /** It could not take the lock of late. */
  readonly getsNoLock: boolean;
};

/** In whole milliseconds. */
const LOOKED_AGO_HEADER = 'x-matriarch-looked-ms-ago';
const OLD_WAL_HEADER = 'x-matriarch-on-old-wal';
const KEEPS_OUT_HEADER = 'x-matriarch-keeps-out';
const GETS_NO_LOCK_HEADER = 'x-matriarch-gets-no-lock';

/** The headers of one answer; none before the first look. */
export function peerHeaders({ observation, memory }: NodeSnapshot, now: Instant): Readonly<Record<string, string>> {
  const { postgres } = observation;
  if (postgres === null) return {};
  const ago = Math.max(0, Math.round(between(postgres.observedAt, now)));
  return {
    [LOOKED_AGO_HEADER]: String(ago),
    ...(isOnOldWal(postgres.server) && { [OLD_WAL_HEADER]: 'true' }),
    ...(isVetoed(observation, memory, now) && { [KEEPS_OUT_HEADER]: 'true' }),
    ...(getsNoLock(memory, now) && { [GETS_NO_LOCK_HEADER]: 'true' }),
  };
}

export function readPeerHeaders(headers: Readonly<Record<string, unknown>>): PeerHeaders {
  return {
    lookedAgo: lookedAgo(headers[LOOKED_AGO_HEADER]),
    isOnOldWal: headers[OLD_WAL_HEADER] === 'true',
    keepsOut: headers[KEEPS_OUT_HEADER] === 'true',
    getsNoLock: headers[GETS_NO_LOCK_HEADER] === 'true',
  };
}

/** @returns `null` when there is none, or nothing that can be read. */
function lookedAgo(text: unknown): Millis | null {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? millis(Number(text)) : null;
}
