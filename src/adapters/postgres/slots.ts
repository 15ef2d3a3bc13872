import { assertNever } from '../../domain/invariant.ts';
import { formatLsn } from '../../domain/lsn.ts';
import type { SlotName } from '../../domain/names.ts';
import type { LogicalSlot, SlotChange } from '../../domain/slot-change.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import { type Session, sqlState } from './connection/session.ts';
import { reasonOf } from './errors.ts';
import { forgetFeedback } from './forget-feedback.ts';
import { type Instance, openLocal } from './instance.ts';
import { slotsSafeToUse } from './verify-slots.ts';

const CONNECT_LIMIT_MS = 2_000;
/** What changes no more than an entry in a list is done at once, or not at all. */
const QUICK_LIMIT_MS = 2_000;
/** Whoever makes a logical slot waits for all transactions that run; decoding reads all WAL in between. */
const DECODING_LIMIT_MS = 600_000;

const CREATE = `
SELECT pg_create_physical_replication_slot($1, true)
 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`;
/** From version 16 on a standby would make one of its own, which is no copy of the primary's. */
const CREATE_LOGICAL = `
SELECT pg_is_in_recovery() AS in_recovery,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_create_logical_replication_slot($1, $2) END
 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`;
/** One statement, so that nobody can begin to use the slot between the look and the drop. */
const DROP = `
WITH slot AS (SELECT slot_name, active FROM pg_replication_slots WHERE slot_name = $1),
     dropped AS (SELECT pg_drop_replication_slot(slot_name) FROM slot WHERE NOT active)
SELECT active, (SELECT count(*) FROM dropped) AS dropped FROM slot`;
const ADVANCE = `
SELECT pg_replication_slot_advance(slot_name, $2::pg_lsn) FROM pg_replication_slots
 WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active AND restart_lsn < $2::pg_lsn`;
const ADVANCE_LOGICAL = `
SELECT pg_replication_slot_advance(slot_name, $2::pg_lsn) FROM pg_replication_slots
 WHERE slot_name = $1 AND slot_type = 'logical' AND NOT active AND confirmed_flush_lsn < $2::pg_lsn`;
/** WAL that the slot needs is gone; or the slot was invalidated. */
const BEYOND_USE: ReadonlySet<string | null> = new Set(['58P01', '55000']);

/**
 * Do to the slots what `change` says (spec/postgres.md 13.4). Each is tried, whatever became of the others; a slot that is
 * in use is left alone and named in the outcome.
 */
export async function manageSlots(instance: Instance, change: SlotChange): Promise<TaskOutcome> {
  const troubles: Trouble[] = [];
  for (const [database, steps] of byDatabase(change)) {
    troubles.push(...(await inDatabase(instance, database, steps)));
  }
  for (const name of change.clearXmin) {
    const trouble = await forgetFeedback(instance, name);
    if (trouble !== null) troubles.push({ reason: `clear-xmin ${name}: ${trouble}` });
  }
  const { safe, trouble: doubt } = await safeSlots(instance, change.verify);
  if (doubt !== null) troubles.push(doubt);
  const judged = safe.length === 0 ? {} : { safeSlots: safe };
  if (troubles.length === 0) return { kind: 'done', ...judged };
  const unusableSlots = troubles.flatMap(({ unusable }) => unusable ?? []);
  const reason = troubles.map((each) => each.reason).join('; ');
  return { kind: 'failed', reason, ...judged, ...(unusableSlots.length === 0 ? {} : { unusableSlots }) };
}

async function safeSlots(
  instance: Instance,
  verify: SlotChange['verify'],
): Promise<{ readonly safe: readonly SlotName[]; readonly trouble: Trouble | null }> {
  if (verify === null) return { safe: [], trouble: null };
  try {
    return { safe: await slotsSafeToUse(instance, verify), trouble: null };
  } catch (error) {
    return { safe: [], trouble: { reason: `whether slots are safe: ${reasonOf(error)}` } };
  }
}

type Trouble = { readonly reason: string; readonly unusable?: SlotName };

type Step =
  | { readonly kind: 'drop' | 'create'; readonly name: SlotName }
  | { readonly kind: 'create-logical'; readonly slot: LogicalSlot }
  | { readonly kind: 'advance' | 'advance-logical'; readonly name: SlotName; readonly to: string };

/** `null`: whichever database the agent connects to. Logical slots belong to one. */
function byDatabase(change: SlotChange): ReadonlyMap<string | null, readonly Step[]> {
  const steps = new Map<string | null, Step[]>();
  const add = (database: string | null, step: Step): void =>
    void steps.set(database, [...(steps.get(database) ?? []), step]);
  for (const name of change.drop) add(null, { kind: 'drop', name });
  for (const name of change.create) add(null, { kind: 'create', name });
  for (const { name, to } of change.advance) add(null, { kind: 'advance', name, to: formatLsn(to) });
  for (const slot of change.createLogical) add(slot.database, { kind: 'create-logical', slot });
  for (const { name, database, to } of change.advanceLogical) {
    add(database, { kind: 'advance-logical', name, to: formatLsn(to) });
  }
  return steps;
}

async function inDatabase(
  instance: Instance,
  database: string | null,
  steps: readonly Step[],
): Promise<readonly Trouble[]> {
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch slots',
    limitMs: CONNECT_LIMIT_MS,
    settings: {
      statement_timeout: String(database === null ? QUICK_LIMIT_MS : DECODING_LIMIT_MS),
      search_path: 'pg_catalog',
    },
    ...(database === null ? {} : { database }),
  });
  if (opened.kind !== 'open') return [{ reason: opened.reason }];
  const troubles: Trouble[] = [];
  try {
    for (const step of steps) {
      const trouble = await tried(opened.session, step);
      if (trouble !== null) troubles.push(trouble);
    }
  } finally {
    await opened.session.close();
  }
  return troubles;
}

async function tried(session: Session, step: Step): Promise<Trouble | null> {
  try {
    return await carryOut(session, step);
  } catch (error) {
    const reason = `${step.kind} ${step.kind === 'create-logical' ? step.slot.name : step.name}: ${reasonOf(error)}`;
    const isBeyondUse = step.kind === 'advance-logical' && BEYOND_USE.has(sqlState(error));
    return isBeyondUse ? { reason, unusable: step.name } : { reason };
  }
}

async function carryOut(session: Session, step: Step): Promise<Trouble | null> {
  switch (step.kind) {
    case 'drop':
      return drop(session, step.name);
    case 'create':
      await session.rows(CREATE, [step.name]);
      return null;
    case 'create-logical':
      return createLogical(session, step.slot);
    case 'advance':
      await session.rows(ADVANCE, [step.name, step.to]);
      return null;
    case 'advance-logical':
      await session.rows(ADVANCE_LOGICAL, [step.name, step.to]);
      return null;
    default:
      return assertNever(step);
  }
}

async function createLogical(session: Session, { name, plugin }: LogicalSlot): Promise<Trouble | null> {
  const [row] = await session.rows(CREATE_LOGICAL, [name, plugin]);
  return row?.['in_recovery'] === 't' ? { reason: `slot ${name}: a logical slot is made on a primary` } : null;
}

async function drop(session: Session, name: SlotName): Promise<Trouble | null> {
  const [row] = await session.rows(DROP, [name]);
  return row?.['active'] === 't' ? { reason: `slot ${name} is in use and was not dropped` } : null;
}
