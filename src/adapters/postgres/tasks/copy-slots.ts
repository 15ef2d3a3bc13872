import { join } from 'node:path';
import type { DesiredPostgres, Upstream } from '../../../domain/desired-postgres.ts';
import { type Lsn, parseLsn } from '../../../domain/lsn.ts';
import { slotName } from '../../../domain/names.ts';
import type { LogicalSlot } from '../../../domain/slot-change.ts';
import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { openSession, type SessionOutcome } from '../connection/session.ts';
import { reasonOf } from '../errors.ts';
import { namesIn } from '../files/names-in.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import { writeSlotFile } from '../files/slot-file.ts';
import { type Instance, openLocal } from '../instance.ts';
import { decodingStart, type SlotState, whyOfNoUse } from '../slot-state.ts';
import { features, MAJOR_MIN, majorOf } from '../version.ts';
import { within } from '../wait.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';

const LIMIT_MS = 3_000;
/** The server ends a statement by itself; one that hangs as a whole, or whose host is gone, does not. */
const SERVER_SILENT_MS = LIMIT_MS + 1_000;
/** The names in what is asked are qualified: a trigger on logins, which only a superuser escapes, counts on its own search_path. */
const SETTINGS = { statement_timeout: String(LIMIT_MS) } as const;

export type CopySlotsTask = {
  readonly from: Upstream;
  readonly slots: readonly LogicalSlot[];
  readonly desired: DesiredPostgres;
  readonly stopTimeout: Millis;
  readonly timeout: Millis;
};

/**
 * Give a standby the logical slots of its leader (spec/postgres.md 13.5): read them there, stop, write their files, start.
 * A server knows only the slots that it finds when it starts. Nothing is stopped for slots that would be of no use.
 */
export async function copySlots(instance: Instance, task: CopySlotsTask, context: TaskContext): Promise<TaskOutcome> {
  const read = await readSlots(instance, task);
  if (!Array.isArray(read)) return read;
  if (context.signal.aborted) return { kind: 'cancelled' };

  context.progress(`slots ${read.map(({ name }) => name).join(', ')}`);
  const stopped = await stop(instance, { mode: 'fast', checkpointFirst: false, timeout: task.stopTimeout }, context);
  if (stopped.kind !== 'done') return stopped;
  for (const slot of read) await writeSlotFile(instance.config.postgres.dataDir, slot);
  return start(instance, task, context);
}

/** `refused`: they were read, and none would be of use here now. */
async function readSlots(instance: Instance, task: CopySlotsTask): Promise<SlotState[] | TaskOutcome> {
  try {
    const { version } = await instance.readProgram();
    const there = await slotsThere(instance, task, version === null ? MAJOR_MIN : majorOf(version));
    const here = await whatIsHere(instance);
    const judged = there.map((slot) => ({ slot, why: whyOfNoUse(slot, here) }));
    const usable = judged.filter(({ why }) => why === null).map(({ slot }) => slot);
    if (usable.length > 0) return usable;
    const reasons = judged.flatMap(({ why }) => why ?? []);
    const reason = reasons.length === 0 ? `${task.from.member} has no such slots` : reasons.join('; ');
    return { kind: 'refused', reason };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}

async function slotsThere(instance: Instance, task: CopySlotsTask, major: number): Promise<readonly SlotState[]> {
  const target = upstreamTarget(task.from, instance.config.postgres.rewind);
  const opened = await openSession({
    target,
    applicationName: 'Matriarch slots',
    connectLimitMs: LIMIT_MS,
    settings: SETTINGS,
    near: false,
  });
  return inSession(opened, async (rows) => {
    const found = await rows(slotsQuery(major), []);
    return found.flatMap((row): readonly SlotState[] => {
      const { name, database, plugin, state } = row;
      const isAsked = task.slots.some(
        (each) => each.name === name && each.database === database && each.plugin === plugin,
      );
      const restart = parseLsn(String(row['restart_lsn']));
      const confirmed = parseLsn(String(row['confirmed']));
      if (!isAsked || typeof state !== 'string' || restart === null || confirmed === null) return [];
      const file = Buffer.from(state, 'hex');
      const needsFrom = decodingStart(file, restart);
      return needsFrom === null ? [] : [{ name: slotName(String(name)), needsFrom, confirmed, file }];
    });
  });
}

/** A standby's slots are copies themselves. What PostgreSQL copies by itself is not ours to copy. */
function slotsQuery(major: number): string {
  return `
SELECT slot_name AS name, database, plugin, restart_lsn, confirmed_flush_lsn AS confirmed,
       pg_catalog.encode(pg_catalog.pg_read_binary_file('pg_replslot/' || slot_name || '/state', 0, 1048576, true), 'hex') AS state
  FROM pg_catalog.pg_replication_slots
 WHERE slot_type = 'logical' AND NOT temporary AND NOT pg_catalog.pg_is_in_recovery()
   AND wal_status IS DISTINCT FROM 'lost'${features.syncedSlots(major) ? ' AND NOT failover' : ''}`;
}

async function whatIsHere(instance: Instance): Promise<Parameters<typeof whyOfNoUse>[1]> {
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch slots',
    limitMs: LIMIT_MS,
    settings: SETTINGS,
  });
  const replayed = await inSession(opened, async (rows): Promise<Lsn | null> => {
    const [row] = await rows('SELECT pg_catalog.pg_last_wal_replay_lsn() AS replayed', []);
    return parseLsn(String(row?.['replayed']));
  });
  const segmentBytes = Number((await instance.readControl())?.labels.get('Bytes per WAL segment'));
  if (replayed === null || !Number.isInteger(segmentBytes)) throw new Error('what is replayed here is not known');
  return { replayed, segmentBytes, walFiles: await namesIn(join(instance.config.postgres.dataDir, 'pg_wal')) };
}

type Rows = (text: string, values: readonly string[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;

async function inSession<T>(opened: SessionOutcome, work: (rows: Rows) => Promise<T>): Promise<T> {
  if (opened.kind !== 'open') throw new Error(opened.reason);
  const { session } = opened;
  try {
    const asked = work((text, values) => session.rows(text, values)).then((value) => ({ value }));
    const done = await within(asked, SERVER_SILENT_MS);
    if (done === null) throw new Error('no answer in time');
    return done.value;
  } finally {
    await session.close();
  }
}
