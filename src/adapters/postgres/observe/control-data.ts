import { type Lsn, lsn, parseLsn } from '../../../domain/lsn.ts';
import { systemId } from '../../../domain/names.ts';
import type { ControlData, ControlState } from '../../../domain/postgres-report.ts';
import { timeline } from '../../../domain/timeline.ts';

const STATES: readonly ControlState[] = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
];

/** Lines of pg_controldata as label and value. */
export function parseLabels(output: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const line of output.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) labels.set(line.slice(0, colon).replace(/^Current /, ''), line.slice(colon + 1).trim());
  }
  return labels;
}

/** @returns `null` when the labels do not describe a cluster: damaged, or of an unknown version. */
export function controlDataOf(labels: ReadonlyMap<string, string>, checkpointEnd: Lsn | null): ControlData | null {
  const state = STATES.find((each) => each === labels.get('Database cluster state'));
  const checkpointLsn = parseLsn(labels.get('Latest checkpoint location') ?? '');
  const checkpointTimeline = timelineOf(labels.get("Latest checkpoint's TimeLineID"));
  if (state === undefined || checkpointLsn === null || checkpointTimeline === null) return null;
  const minRecoveryEnd = parseLsn(labels.get('Minimum recovery ending location') ?? '');
  return {
    systemId: systemId(labels.get('Database system identifier') ?? ''),
    state,
    checkpointLsn,
    checkpointTimeline,
    checkpointEnd,
    minRecoveryEnd: minRecoveryEnd === 0n ? null : minRecoveryEnd,
    minRecoveryTimeline: timelineOf(labels.get("Min recovery ending loc's timeline")),
    ...((parseLsn(labels.get('Backup start location') ?? '') ?? 0n) !== 0n && { beforeBackupEnd: true }),
    canRewind: labels.get('wal_log_hints setting') === 'on' || hasChecksums(labels),
  };
}

/**
 * Where the record after the shutdown checkpoint would go, from pg_waldump asked for two records: exactly one is there.
 * What it says of the bytes behind it depends on what lay in that file before, so the end comes from the record's length.
 * @returns `null` when that is no clean end.
 */
export function checkpointEndOf(dump: { readonly stdout: string }, checkpoint: Lsn, wal: WalGeometry): Lsn | null {
  const records = dump.stdout.split('\n').filter((line) => line !== '');
  const match = /^rmgr: XLOG\s+len \(rec\/tot\):\s*\d+\/\s*(\d+),.* lsn: ([0-9A-F]+\/[0-9A-F]+),/.exec(
    records[0] ?? '',
  );
  if (records.length !== 1 || match?.[1] === undefined || match[2] === undefined) return null;
  return parseLsn(match[2]) === checkpoint ? recordEnd(checkpoint, BigInt(match[1]), wal) : null;
}

/** Bytes per page and per file of WAL. */
export type WalGeometry = { readonly page: bigint; readonly segment: bigint };

export function walGeometry(labels: ReadonlyMap<string, string>): WalGeometry | null {
  const page = labels.get('WAL block size');
  const segment = labels.get('Bytes per WAL segment');
  if (page === undefined || segment === undefined || !/^\d+$/.test(page) || !/^\d+$/.test(segment)) return null;
  return { page: BigInt(page), segment: BigInt(segment) };
}

/** Each page begins with a header, a file's first page with a longer one; every record begins aligned. */
const PAGE_HEADER = 24n;
const FILE_HEADER = 40n;
const ALIGNMENT = 8n;

/** A record that does not fit on its page goes on behind the next page's header. */
function recordEnd(start: Lsn, length: bigint, { page, segment }: WalGeometry): Lsn | null {
  const nextPage = (start / page + 1n) * page;
  const header = nextPage % segment === 0n ? FILE_HEADER : PAGE_HEADER;
  const end = start + length > nextPage ? start + length + header : start + length;
  return lsn(((end + ALIGNMENT - 1n) / ALIGNMENT) * ALIGNMENT);
}

function timelineOf(text: string | undefined): ReturnType<typeof timeline> {
  return text !== undefined && /^\d+$/.test(text) ? timeline(Number(text)) : null;
}

function hasChecksums(labels: ReadonlyMap<string, string>): boolean {
  const version = labels.get('Data page checksum version');
  return version !== undefined && version !== '0';
}
