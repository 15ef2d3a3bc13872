import { z } from 'zod';
import { furthestLsn, type Lsn, parseLsn } from '../../../domain/lsn.ts';
import { slotName } from '../../../domain/names.ts';
import type { CurrentUpstream, PendingRestart, Slot, WalReceiver, WalSender } from '../../../domain/postgres-report.ts';
import { type WallTime, wallTime } from '../../../domain/time.ts';
import { type Timeline, timeline } from '../../../domain/timeline.ts';
import { parseConninfo } from '../connection/conninfo.ts';
import { RECOVERY_SETTINGS } from '../files/recovery-settings.ts';

/** A server's answer as domain values; what only a look can add (timeline of a standby, settings) is not in it. */
export type MonitoringRow =
  | {
      readonly kind: 'primary';
      readonly serverVersion: number;
      readonly timeline: Timeline;
      readonly flushLsn: Lsn;
      readonly walSenders: readonly WalSender[];
      readonly slots: readonly Slot[];
    }
  | {
      readonly kind: 'standby';
      readonly serverVersion: number;
      readonly receiveLsn: Lsn | null;
      readonly replayLsn: Lsn | null;
      readonly replayPaused: boolean;
      readonly replayedAt: WallTime | null;
      readonly walReceiver: WalReceiver | null;
      readonly upstream: CurrentUpstream | null;
      readonly hasRestoreCommand: boolean;
      readonly walSenders: readonly WalSender[];
      readonly slots: readonly Slot[];
    };

const lsn = z
  .string()
  .nullable()
  .transform((text, context): Lsn | null => {
    if (text === null) return null;
    const position = parseLsn(text);
    if (position === null) context.addIssue(`no WAL position: ${text}`);
    return position;
  });
const flag = z.enum(['t', 'f']).transform((text) => text === 't');
const json = <Shape extends z.ZodType>(shape: Shape) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(shape);

const walSender = z.object({
  pid: z.number(),
  user: z.string().nullable(),
  application_name: z.string().nullable(),
  client_address: z.string().nullable(),
  state: z.string().nullable(),
  sync_state: z.string().nullable(),
  sync_priority: z.number().nullable(),
  write_lsn: lsn,
  flush_lsn: lsn,
  replay_lsn: lsn,
});
const slot = z.object({
  name: z.string(),
  type: z.enum(['physical', 'logical']),
  active: z.boolean(),
  restart_lsn: lsn,
  confirmed_flush_lsn: lsn,
  has_xmin: z.boolean(),
});
const walReceiver = z.object({
  status: z.string(),
  timeline: z.number().nullable(),
  written_lsn: lsn,
  latest_end_lsn: lsn,
});

const Row = z.object({
  in_recovery: flag,
  version: z.coerce.number().int(),
  primary_timeline: z.string().nullable(),
  flush_lsn: lsn,
  replay_lsn: lsn,
  receive_lsn: lsn,
  replay_paused: flag,
  replayed_at_ms: z.string().nullable(),
  wal_receiver: json(walReceiver).nullable(),
  primary_conninfo: z.string(),
  primary_slot_name: z.string(),
  has_restore_command: flag,
  wal_senders: json(z.array(walSender)),
  slots: json(z.array(slot)),
});

/** @throws When the row is not what the monitoring query selects. */
export function parseMonitoringRow(raw: unknown): MonitoringRow {
  const row = Row.parse(raw);
  const common = {
    serverVersion: row.version,
    walSenders: row.wal_senders.map(walSenderOf),
    slots: row.slots.map(slotOf),
  };
  if (!row.in_recovery) {
    const current = timeline(Number.parseInt(row.primary_timeline ?? '', 16));
    if (current === null || row.flush_lsn === null) throw new Error('a primary that does not say where its WAL ends');
    return { kind: 'primary', ...common, timeline: current, flushLsn: row.flush_lsn };
  }
  return {
    kind: 'standby',
    ...common,
    receiveLsn: furthestLsn(row.receive_lsn, row.wal_receiver?.written_lsn ?? null),
    replayLsn: row.replay_lsn,
    replayPaused: row.replay_paused,
    replayedAt: row.replayed_at_ms === null ? null : wallTime(Number(row.replayed_at_ms)),
    walReceiver: row.wal_receiver === null ? null : walReceiverOf(row.wal_receiver),
    upstream: upstreamOf(row.primary_conninfo, row.primary_slot_name),
    hasRestoreCommand: row.has_restore_command,
  };
}

const SettingsRow = z.object({
  name: z.string(),
  value: z.string(),
  pending_restart: flag,
  wanted: z.string().nullable(),
});

/**
 * What waits for a restart. What steers recovery does not: it comes and goes with the role, and the next start as that
 * role takes it up (spec/postgres.md 8). `isControlled`: given on the command line, so that the flag of the
 * server misses it.
 */
export function parsePendingRestart(
  rows: readonly unknown[],
  isControlled: (name: string) => boolean,
): readonly PendingRestart[] {
  return rows
    .map((row) => SettingsRow.parse(row))
    .filter(({ name }) => !RECOVERY_SETTINGS.has(name) && name !== 'hot_standby')
    .filter((row) => row.pending_restart || (isControlled(row.name) && differs(row.value, row.wanted)))
    .map((row) => ({ name: row.name, oldValue: row.value, newValue: row.wanted ?? '' }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function differs(value: string, wanted: string | null): boolean {
  return wanted !== null && comparable(value) !== comparable(wanted);
}

/** The controlled parameters are plain numbers, words and booleans. */
function comparable(text: string): string {
  const lower = text.toLowerCase();
  if (['on', 'true', 'yes', '1', 't', 'y'].includes(lower)) return 'on';
  return ['off', 'false', 'no', '0', 'f', 'n'].includes(lower) ? 'off' : lower;
}

function upstreamOf(conninfo: string, slot: string): CurrentUpstream | null {
  const keywords = conninfo === '' ? null : parseConninfo(conninfo);
  const host = keywords?.['host'];
  if (host === undefined) return null;
  return { host, port: Number(keywords?.['port'] ?? 5432), slot: slot === '' ? null : slotName(slot) };
}

/** The received timeline is only true once anything was received. */
function walReceiverOf(row: z.output<typeof walReceiver>): WalReceiver {
  return {
    status: row.status,
    timeline: row.latest_end_lsn === null || row.timeline === null ? null : timeline(row.timeline),
    latestEndLsn: row.latest_end_lsn,
  };
}

function walSenderOf(row: z.output<typeof walSender>): WalSender {
  return {
    pid: row.pid,
    user: row.user ?? '',
    applicationName: row.application_name ?? '',
    clientAddress: row.client_address,
    state: row.state ?? '',
    syncState: row.sync_state ?? '',
    syncPriority: row.sync_priority ?? 0,
    writeLsn: row.write_lsn,
    flushLsn: row.flush_lsn,
    replayLsn: row.replay_lsn,
  };
}

function slotOf(row: z.output<typeof slot>): Slot {
  return {
    name: slotName(row.name),
    type: row.type,
    active: row.active,
    restartLsn: row.restart_lsn,
    confirmedFlushLsn: row.confirmed_flush_lsn,
    hasXmin: row.has_xmin,
  };
}
