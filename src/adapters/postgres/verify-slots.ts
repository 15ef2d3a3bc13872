import { type SlotName, slotName } from '../../domain/names.ts';
import type { SlotChange } from '../../domain/slot-change.ts';
import { openSession, type SessionOutcome } from './connection/session.ts';
import { upstreamTarget } from './files/recovery-settings.ts';
import { type Instance, openLocal } from './instance.ts';
import { within } from './wait.ts';

const LIMIT_MS = 2_000;
/** The server ends a statement by itself; one that hangs as a whole, or whose host is gone, does not. */
const SERVER_SILENT_MS = LIMIT_MS + 1_000;
const CONNECTING = {
  purpose: 'Matriarch slots',
  settings: { statement_timeout: String(LIMIT_MS) },
} as const;
const XMINS = `SELECT slot_name AS name, slot_type AS type, catalog_xmin AS xmin FROM pg_catalog.pg_replication_slots
 WHERE NOT temporary AND catalog_xmin IS NOT NULL`;

/**
 * Which of these logical slots here are safe to be used after a failover (spec/ha.md SL20): the primary keeps what they
 * need, since by this standby's own physical slot it knows of them, and its own copies have not gone on further before.
 * @throws What either server, or the way there, says.
 */
export async function slotsSafeToUse(
  instance: Instance,
  { from, as, names }: NonNullable<SlotChange['verify']>,
): Promise<readonly SlotName[]> {
  const target = upstreamTarget(from, instance.config.postgres.rewind);
  const there = await xmins(
    await openSession({
      target,
      applicationName: CONNECTING.purpose,
      connectLimitMs: LIMIT_MS,
      settings: CONNECTING.settings,
      near: false,
    }),
  );
  const here = await xmins(await openLocal(instance.config, { ...CONNECTING, limitMs: LIMIT_MS }));
  const kept = there.get(as);
  return names.filter((name) => isSafe({ kept, there: there.get(name), here: here.get(name) })).map(slotName);
}

/** A transaction number each: what the primary keeps for this standby, what its own slot needs, what the copy needs. */
export function isSafe(xmin: {
  readonly kept: number | undefined;
  readonly there: number | undefined;
  readonly here: number | undefined;
}): boolean {
  const { kept, there, here } = xmin;
  if (kept === undefined || there === undefined || here === undefined) return false;
  return notAfter(there, kept) && notAfter(kept, here);
}

/** Transaction numbers go round: half of them are before any one. */
function notAfter(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}

async function xmins(opened: SessionOutcome): Promise<ReadonlyMap<string, number>> {
  if (opened.kind !== 'open') throw new Error(opened.reason);
  try {
    const rows = await within(opened.session.rows(XMINS), SERVER_SILENT_MS);
    if (rows === null) throw new Error('no answer in time');
    return new Map(rows.map((row) => [String(row['name']), Number(row['xmin'])]));
  } finally {
    await opened.session.close();
  }
}
