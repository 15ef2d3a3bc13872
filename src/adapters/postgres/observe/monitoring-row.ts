import { furthestLsn, type Lsn } from '../../../domain/lsn.ts';
import { slotName } from '../../../domain/names.ts';
import type { CurrentUpstream, PendingRestart, Slot, WalReceiver, WalSender } from '../../../domain/postgres-report.ts';
import { parseInteger } from '../../../domain/quantity.ts';
import { type WallTime, wallTime } from '../../../domain/time.ts';
import { type Timeline, timeline } from '../../../domain/timeline.ts';
import { parseConninfo } from '../connection/conninfo.ts';
import { RECOVERY_SETTINGS } from '../files/recovery-settings.ts';
import { NEEDED_BY_REPLAY } from '../files/server-parameters.ts';
import { features } from '../version.ts';
import {
  booleanOf,
  flagOf,
  integerIn,
  listOf,
  lsnOrNull,
  numberOf,
  numberOrNull,
  objectOrNull,
  type Row,
  rowOf,
  textOf,
  textOrNull,
  wordOf,
} from './row-fields.ts';

/** A server's answer as domain values; what only a look can add (timeline of a standby, settings) is not in it. */
export type MonitoringRow =
  | {
      readonly kind: 'primary';
      readonly serverVersion: number;
      readonly timeline: Timeline;
      readonly flushLsn: Lsn;
      readonly syncNames?: string;
      readonly isCheckpointerBusy?: true;
      readonly walSenders: readonly WalSender[];
      readonly slots: readonly Slot[];
    }
  | {
      readonly kind: 'standby';
      readonly serverVersion: number;
      readonly receiveLsn: Lsn | null;
      readonly replayLsn: Lsn | null;
      readonly replayPaused: boolean;
      readonly isOnOldWal?: true;
      readonly isReplaying?: true;
      /** What replay needs enough of, as this server was started. */
      readonly limits: Readonly<Record<string, string>>;
      readonly replayedAt: WallTime | null;
      readonly walReceiver: WalReceiver | null;
      readonly upstream: CurrentUpstream | null;
      readonly hasRestoreCommand: boolean;
      readonly syncNames?: string;
      readonly isCheckpointerBusy?: true;
      readonly walSenders: readonly WalSender[];
      readonly slots: readonly Slot[];
    };

/** @throws When the row is not what the monitoring query selects. */
export function parseMonitoringRow(raw: unknown): MonitoringRow {
  const row = rowOf(raw, 'the monitoring row');
  const syncNames = textOf(row, 'sync_names');
  const common = {
    serverVersion: integerIn(row, 'version'),
    ...(syncNames === '' ? {} : { syncNames }),
    ...(flagOf(row, 'checkpointer_works') && { isCheckpointerBusy: true as const }),
    walSenders: listOf(row, 'wal_senders').map(walSenderOf),
    slots: listOf(row, 'slots').map(slotOf),
  };
  return flagOf(row, 'in_recovery') ? { ...common, ...standbyOf(row) } : { ...common, ...primaryOf(row) };
}

type Common = 'serverVersion' | 'syncNames' | 'isCheckpointerBusy' | 'walSenders' | 'slots';

function primaryOf(row: Row): Omit<Extract<MonitoringRow, { kind: 'primary' }>, Common> {
  const current = timeline(Number.parseInt(textOrNull(row, 'primary_timeline') ?? '', 16));
  const flushLsn = lsnOrNull(row, 'flush_lsn');
  if (current === null || flushLsn === null) throw new Error('a primary that does not say where its WAL ends');
  return { kind: 'primary', timeline: current, flushLsn };
}

function standbyOf(row: Row): Omit<Extract<MonitoringRow, { kind: 'standby' }>, Common> {
  const receiver = objectOrNull(row, 'wal_receiver');
  const writtenLsn = receiver === null ? null : lsnOrNull(receiver, 'written_lsn');
  const replayedAtMs = textOrNull(row, 'replayed_at_ms');
  const receiveLsn = lsnOrNull(row, 'receive_lsn');
  const furthest = furthestLsn(receiveLsn, writtenLsn);
  const replayLsn = lsnOrNull(row, 'replay_lsn');
  const hasMore = receiveLsn !== null && furthest !== null && (replayLsn === null || furthest > replayLsn);
  return {
    kind: 'standby',
    receiveLsn: furthest,
    replayLsn,
    replayPaused: flagOf(row, 'replay_paused'),
    ...(receiveLsn === null && flagOf(row, 'replays') && { isOnOldWal: true }),
    ...(hasMore && flagOf(row, 'replays') && { isReplaying: true }),
    limits: limitsOf(objectOrNull(row, 'limits')),
    replayedAt: replayedAtMs === null ? null : wallTime(Number(replayedAtMs)),
    walReceiver: receiver === null ? null : walReceiverOf(receiver),
    upstream: upstreamOf(textOf(row, 'primary_conninfo'), textOf(row, 'primary_slot_name')),
    hasRestoreCommand: flagOf(row, 'has_restore_command'),
  };
}

function limitsOf(row: Row | null): Readonly<Record<string, string>> {
  return Object.fromEntries(NEEDED_BY_REPLAY.map((name) => [name, textOf(row ?? {}, name)]));
}

/**
 * What waits for a restart. What steers recovery does not: it comes and goes with the role, and the next start as that
 * role takes it up (spec/postgres.md 8); but a standby that takes up no other restore_command without one goes on with
 * the wrong one. `isControlled`: given on the command line, so that the flag of the server misses it.
 */
export function parsePendingRestart(
  rows: readonly unknown[],
  server: { readonly kind: MonitoringRow['kind']; readonly major: number },
  isControlled: (name: string) => boolean,
): readonly PendingRestart[] {
  const keepsOldRestore = server.kind === 'standby' && !features.restoreCommandReloads(server.major);
  return rows
    .map(settingOf)
    .filter(({ name }) => !RECOVERY_SETTINGS.has(name) || (keepsOldRestore && name === 'restore_command'))
    .filter(({ name }) => name !== 'hot_standby')
    .filter((row) => row.isPending || (isControlled(row.name) && differs(row.value, row.wanted)))
    .map((row) => ({ name: row.name, oldValue: row.value, newValue: row.wanted ?? '' }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function settingOf(raw: unknown): Setting {
  const row = rowOf(raw, 'a row of settings');
  return {
    name: textOf(row, 'name'),
    value: textOf(row, 'value'),
    isPending: flagOf(row, 'pending_restart'),
    wanted: textOrNull(row, 'wanted'),
  };
}

interface Setting {
  readonly name: string;
  readonly value: string;
  /** PostgreSQL's own flag. */
  readonly isPending: boolean;
  /** What the files say; `null`: nothing. */
  readonly wanted: string | null;
}

function differs(value: string, wanted: string | null): boolean {
  return wanted !== null && comparable(value) !== comparable(wanted);
}

/** The controlled parameters are numbers, words and booleans, written as a person likes to (`1e3`, `0x40`, `Replica`). */
function comparable(text: string): string {
  const lower = String(parseInteger(text) ?? text.trim().toLowerCase());
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
function walReceiverOf(row: Row): WalReceiver {
  const latestEndLsn = lsnOrNull(row, 'latest_end_lsn');
  const received = numberOrNull(row, 'timeline');
  return {
    status: textOf(row, 'status'),
    timeline: latestEndLsn === null || received === null ? null : timeline(received),
    latestEndLsn,
  };
}

function walSenderOf(row: Row): WalSender {
  return {
    pid: numberOf(row, 'pid'),
    user: textOrNull(row, 'user') ?? '',
    applicationName: textOrNull(row, 'application_name') ?? '',
    clientAddress: textOrNull(row, 'client_address'),
    state: textOrNull(row, 'state') ?? '',
    syncState: textOrNull(row, 'sync_state') ?? '',
    syncPriority: numberOrNull(row, 'sync_priority') ?? 0,
    writeLsn: lsnOrNull(row, 'write_lsn'),
    flushLsn: lsnOrNull(row, 'flush_lsn'),
    replayLsn: lsnOrNull(row, 'replay_lsn'),
  };
}

function slotOf(row: Row): Slot {
  const database = textOrNull(row, 'database');
  const plugin = textOrNull(row, 'plugin');
  return {
    name: slotName(textOf(row, 'name')),
    type: wordOf(row, 'type', ['physical', 'logical']),
    active: booleanOf(row, 'active'),
    restartLsn: lsnOrNull(row, 'restart_lsn'),
    confirmedFlushLsn: lsnOrNull(row, 'confirmed_flush_lsn'),
    hasXmin: booleanOf(row, 'has_xmin'),
    ...(database === null ? {} : { database }),
    ...(plugin === null ? {} : { plugin }),
    ...(isTrue(row, 'is_lost') && { isLost: true }),
    ...(isTrue(row, 'failover') && { failover: isTrue(row, 'synced') ? 'synced' : 'own' }),
  };
}

/** Not every version has the column. */
function isTrue(row: Row, name: string): boolean {
  return row[name] !== undefined && booleanOf(row, name);
}
