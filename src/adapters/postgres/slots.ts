import { formatLsn } from '../../domain/lsn.ts';
import type { SlotChange } from '../../domain/slot-change.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import type { Session } from './connection/session.ts';
import { reasonOf } from './errors.ts';
import { type Instance, openLocal } from './instance.ts';

const CONNECT_LIMIT_MS = 2_000;

const CREATE = `
SELECT pg_create_physical_replication_slot($1, true)
 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`;
/** One statement, so that nobody can begin to use the slot between the look and the drop. */
const DROP = `
WITH slot AS (SELECT slot_name, active FROM pg_replication_slots WHERE slot_name = $1 AND slot_type = 'physical'),
     dropped AS (SELECT pg_drop_replication_slot(slot_name) FROM slot WHERE NOT active)
SELECT active, (SELECT count(*) FROM dropped) AS dropped FROM slot`;
const ADVANCE = `
SELECT pg_replication_slot_advance(slot_name, $2::pg_lsn) FROM pg_replication_slots
 WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND restart_lsn < $2::pg_lsn`;

/**
 * Create, drop and advance physical slots (spec/postgres.md 13.4). Each is tried, whatever became of the others;
 * a slot that is in use is left alone and named in the outcome.
 */
export async function manageSlots(instance: Instance, change: SlotChange): Promise<TaskOutcome> {
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch slots',
    limitMs: CONNECT_LIMIT_MS,
    settings: { statement_timeout: '2000', search_path: 'pg_catalog' },
  });
  if (opened.kind !== 'open') return { kind: 'failed', reason: opened.reason };
  const { session } = opened;
  try {
    const troubles = [
      ...(await each(change.drop, (name) => drop(session, name))),
      ...(await each(change.create, (name) => quietly(session.rows(CREATE, [name])))),
      ...(await each(change.advance, ({ name, to }) => quietly(session.rows(ADVANCE, [name, formatLsn(to)])))),
    ];
    return troubles.length === 0 ? { kind: 'done' } : { kind: 'failed', reason: troubles.join('; ') };
  } finally {
    await session.close();
  }
}

async function drop(session: Session, name: string): Promise<string | null> {
  try {
    const [row] = await session.rows(DROP, [name]);
    return row?.['active'] === 't' ? `slot ${name} is in use and was not dropped` : null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function quietly(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function each<T>(items: readonly T[], act: (item: T) => Promise<string | null>): Promise<readonly string[]> {
  const troubles: string[] = [];
  for (const item of items) {
    const trouble = await act(item);
    if (trouble !== null) troubles.push(trouble);
  }
  return troubles;
}
